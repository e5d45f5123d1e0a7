// Stands in for libFuzzer where the compiler has none: changes what is in the corpus at random, the
// same way for the same seed, until the time is up. Usage: TARGET seconds seed corpus...
// What it had in hand when it crashed is left in crash-TARGET beside the program.

#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kLongest = 1 << 14;
constexpr size_t kMostKept = 4096;
constexpr unsigned kSecondsForOne = 60;
const char* const kNumbers[] = {"0",          "1",          "-1",
                                "7",          "255",        "65536",
                                "4294967295", "4294967296", "9007199254740993",
                                "1e9",        "0.5",        "99999999999999999999"};

std::string input;
std::string crash_path;

void KeepInput() {
  std::ofstream(crash_path, std::ios::binary) << input;
  std::fprintf(stderr, "the input is in %s\n", crash_path.c_str());
}

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  size_t Below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  std::string Change(std::string text, const std::string& other) {
    for (size_t i = 1 + Below(6); i > 0; --i) Once(text, other);
    if (text.size() > kLongest) text.resize(kLongest);
    return text;
  }

 private:
  void Once(std::string& text, const std::string& other) {
    const size_t at = Below(text.size() + 1);
    const size_t length = Below(std::min<size_t>(text.size() - at, 64) + 1);
    switch (Below(8)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << Below(8)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(Below(256));
        break;
      case 2:
        text.insert(at, 1 + Below(8), static_cast<char>(Below(256)));
        break;
      case 3:
        text.erase(at, length);
        break;
      case 4:
        text.insert(at, text.substr(Below(text.size() + 1), length));
        break;
      case 5:
        text.replace(at, length, other, Below(other.size() + 1), Below(64));
        break;
      case 6:
        ChangeNumber(text, at);
        break;
      default:
        if (Below(8) == 0) text.resize(at);
    }
  }

  void ChangeNumber(std::string& text, size_t at) {
    const size_t start = text.find_first_of("0123456789", at);
    if (start == text.npos) return;
    const size_t end = std::min(text.find_first_not_of("0123456789", start), text.size());
    text.replace(start, end - start, kNumbers[Below(std::size(kNumbers))]);
  }

  std::mt19937 random_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) return 2;
  crash_path = std::filesystem::path(arguments[0]).parent_path() /
               ("crash-" + std::filesystem::path(arguments[0]).filename().string());
  __sanitizer_set_death_callback(KeepInput);
  std::vector<std::string> corpus;
  for (int i = 3; i < count; ++i) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(arguments[i])) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());  // the folder's own order is none
    for (const auto& path : files) {
      std::ifstream file(path, std::ios::binary);
      corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
  }
  if (corpus.empty()) return 2;
  const auto run = [] {
    alarm(kSecondsForOne);  // what hangs is ended by it
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  };
  for (const std::string& seed : corpus) {
    input = seed;
    run();
  }
  const size_t seeds = corpus.size();
  Mutator mutator(static_cast<uint32_t>(std::atoi(arguments[2])));
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(arguments[1]));
  uint64_t runs = 0;
  for (; std::chrono::steady_clock::now() < end; ++runs) {
    const std::string& from = corpus[mutator.Below(corpus.size())];
    input = mutator.Change(from, corpus[mutator.Below(corpus.size())]);
    run();
    // Now and then goes on from what became of one.
    if (mutator.Below(64) != 0) continue;
    if (corpus.size() < kMostKept) {
      corpus.push_back(input);
    } else {
      corpus[seeds + mutator.Below(corpus.size() - seeds)] = input;
    }
  }
  std::printf("%llu inputs\n", static_cast<unsigned long long>(runs));
  return 0;
}
