#include "graph/storage.h"

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/mapped_file.h"
#include "base/output_file.h"

namespace heapscope::graph {

namespace {

constexpr char kMagic[8] = {'h', 'e', 'a', 'p', 'g', 'r', 'p', 'h'};
constexpr uint32_t kVersion = 1;
constexpr uint32_t kByteOrder = 0x01020304;
constexpr size_t kAlignment = 64;
constexpr int kSections = 16;

struct Section {
  uint64_t offset;
  uint64_t bytes;
};

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t byte_order;
  uint64_t file_size;
  uint64_t nodes;
  Facts facts;
  Section sections[kSections];
  uint64_t checksum;  // of what is above
};
static_assert(offsetof(Header, checksum) + sizeof(uint64_t) == sizeof(Header));

uint64_t Checksum(const Header& header) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&header);
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < offsetof(Header, checksum); ++i) hash = (hash ^ bytes[i]) * 0x100000001b3;
  return hash;
}

// The order of the sections.
template <typename G, typename F>
void ForEachColumn(G& graph, F&& f) {
  f(graph.kind_of);
  f(graph.edges_at);
  f(graph.edge_bytes);
  f(graph.ids.blocks());
  f(graph.ids.bytes());
  f(graph.shallow.blocks());
  f(graph.shallow.bytes());
  f(graph.dominator);
  f(graph.retained);
  f(graph.kinds);
  f(graph.label_names);
  f(graph.label_types);
  f(graph.locations);
  f(graph.classes);
  f(graph.strings.ends());
  f(graph.strings.bytes());
}

class Opener {
 public:
  Opener(std::shared_ptr<MappedFile> file, const std::string& path)
      : path_(path), file_(std::move(file)) {
    if (!file_) throw Error(kErrorIo, "cannot open " + path + ": " + std::strerror(errno));
  }

  Graph Run() {
    Check();
    Graph graph;
    const size_t nodes = header_.nodes;
    graph.facts = header_.facts;
    graph.kind_of = Next<uint32_t>(nodes);
    graph.edges_at = Next<uint32_t>(nodes + 1);
    graph.edge_bytes = Next<uint8_t>();
    const size_t blocks = (nodes + Packed::kBlock - 1) / Packed::kBlock;
    auto id_blocks = Next<uint64_t>(blocks);
    graph.ids = Packed(nodes, std::move(id_blocks), Next<uint8_t>());
    auto size_blocks = Next<uint64_t>(blocks);
    graph.shallow = Packed(nodes, std::move(size_blocks), Next<uint8_t>());
    graph.dominator = Next<Node>(nodes);
    graph.retained = Next<uint64_t>(nodes);
    graph.kinds = Next<Kind>();
    graph.label_names = Next<uint32_t>();
    graph.label_types = Next<uint8_t>(graph.label_names.size());
    graph.locations = Next<Location>();
    graph.classes = Next<ClassRow>();
    auto ends = Next<uint64_t>();
    graph.strings = Strings(std::move(ends), Next<char>());
    if (graph.facts.root >= nodes) Damaged("its root is no node", 0);
    graph.mapping = file_;
    return graph;
  }

 private:
  [[noreturn]] void Damaged(const char* what, uint64_t offset) const {
    throw Error(kErrorGraph, path_ + " is damaged: " + what, static_cast<int64_t>(offset));
  }

  void Check() {
    if (file_->size() < sizeof(Header) || std::memcmp(file_->data(), kMagic, sizeof(kMagic)) != 0) {
      throw Error(kErrorGraph, path_ + " is not a saved heap graph", 0);
    }
    std::memcpy(&header_, file_->data(), sizeof(header_));
    if (header_.byte_order != kByteOrder || header_.version != kVersion) {
      const bool order = header_.byte_order != kByteOrder;
      throw Error(kErrorVersion,
                  path_ + (order ? " was saved on a machine of another byte order"
                                 : " was saved in version " + std::to_string(header_.version) +
                                       " of the format; this heapscope reads version " +
                                       std::to_string(kVersion)),
                  offsetof(Header, version));
    }
    if (Checksum(header_) != header_.checksum) Damaged("its header does not add up", 0);
    if (header_.file_size != file_->size()) Damaged("it is not as long as it was", file_->size());
  }

  template <typename T>
  Column<T> Next(size_t expected = SIZE_MAX) {
    const Section& section = header_.sections[next_++];
    const uint64_t count = section.bytes / sizeof(T);
    if (section.offset % kAlignment != 0 || section.offset > file_->size() ||
        section.bytes > file_->size() - section.offset || section.bytes % sizeof(T) != 0 ||
        (expected != SIZE_MAX && count != expected)) {
      Damaged("a section is not where it should be", section.offset);
    }
    return Column<T>::View(reinterpret_cast<const T*>(file_->data() + section.offset), count);
  }

  const std::string& path_;
  std::shared_ptr<MappedFile> file_;
  Header header_;
  int next_ = 0;
};

}  // namespace

void Write(const Graph& graph, const Sink& sink, Control& control) {
  Header header;
  std::memset(static_cast<void*>(&header), 0, sizeof(header));
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kVersion;
  header.byte_order = kByteOrder;
  header.nodes = graph.nodes();
  header.facts = graph.facts;
  const auto align = [](uint64_t at) { return (at + kAlignment - 1) / kAlignment * kAlignment; };
  uint64_t at = align(sizeof(Header));
  int next = 0;
  ForEachColumn(graph, [&](const auto& column) {
    header.sections[next++] = {at, column.bytes()};
    at = align(at + column.bytes());
  });
  header.file_size = at;
  header.checksum = Checksum(header);

  control.Begin(Stage::kWriting, at);
  uint64_t written = 0;
  const auto write = [&](const void* bytes, size_t size) {
    constexpr size_t kPiece = 1 << 22;
    for (size_t done = 0; done < size; done += kPiece) {
      const size_t piece = size - done < kPiece ? size - done : kPiece;
      sink(static_cast<const char*>(bytes) + done, piece);
      control.At(written += piece);
    }
    static constexpr char kZeros[kAlignment] = {};
    const size_t gap = align(written) - written;
    sink(kZeros, gap);
    written += gap;
  };
  write(&header, sizeof(header));
  ForEachColumn(graph, [&](const auto& column) { write(column.data(), column.bytes()); });
}

void Save(const Graph& graph, const std::string& path, Control& control) {
  const auto check = [&](bool done) {
    if (!done) throw Error(kErrorIo, "cannot write " + path + ": " + std::strerror(errno));
  };
  OutputFile file(path);
  check(file.Opened());
  Write(graph, [&](const void* bytes, size_t size) { check(file.Write(bytes, size)); }, control);
  check(file.Finish());
}

Graph Open(const std::string& path) { return Opener(MappedFile::Open(path), path).Run(); }

Graph Open(std::shared_ptr<MappedFile> file, const std::string& name) {
  return Opener(std::move(file), name).Run();
}

}  // namespace heapscope::graph
