#include "graph/interfaces.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "graph/text.h"

namespace heapscope::graph {

namespace {

// DevTools' figures.
constexpr size_t kMaxNameLength = 120;
constexpr double kMinShare = 1.0 / 1000;
constexpr uint64_t kMinCount = 2;

struct PlainKind {
  uint32_t kind;
  uint32_t first = kNoNode;
  uint64_t count = 0;
};

struct Candidate {
  std::string name;
  std::vector<uint32_t> properties;
  uint64_t count = 0;
};

// Commas, quotes and braces in a property's name would make the interface's ambiguous.
std::string FormatProperty(std::string_view name) {
  return name.find_first_of(",'\"{}") == name.npos ? std::string(name) : JsonString(name);
}

// The best of several definitions: most properties, then the earliest.
struct Match {
  size_t properties = 0;
  uint32_t index = kNoNode;
  bool WorseThan(const Match& other) const {
    return other.properties != properties ? other.properties > properties : other.index < index;
  }
};

// Definitions as paths of sorted properties.
class PropertyTree {
 public:
  void Add(std::vector<uint32_t> properties, uint32_t index) {
    std::sort(properties.begin(), properties.end());
    uint32_t at = 0;
    for (const uint32_t property : properties) {
      const auto [entry, added] =
          next_.try_emplace(uint64_t{at} << 32 | property, static_cast<uint32_t>(ends_.size()));
      if (added) ends_.emplace_back();
      at = entry->second;
    }
    if (ends_[at].index == kNoNode) ends_[at] = {properties.size(), index};
  }

  // The best definition all of whose properties are among these.
  Match Find(std::vector<uint32_t> properties) const {
    std::sort(properties.begin(), properties.end());
    Match best = ends_[0];
    std::vector<uint32_t> states{0};
    for (const uint32_t property : properties) {
      for (size_t i = 0, count = states.size(); i < count; ++i) {
        const auto found = next_.find(uint64_t{states[i]} << 32 | property);
        if (found == next_.end() ||
            std::find(states.begin(), states.end(), found->second) != states.end()) {
          continue;
        }
        states.push_back(found->second);
        if (best.WorseThan(ends_[found->second])) best = ends_[found->second];
      }
    }
    return best;
  }

 private:
  std::unordered_map<uint64_t, uint32_t> next_;
  std::vector<Match> ends_{1};
};

class Inference {
 public:
  explicit Inference(const Graph& graph) : graph_(graph) {}

  std::vector<PlainKind> FindPlainKinds() {
    std::vector<PlainKind> plain;
    Column<uint32_t> place(graph_.kinds.size(), kNoNode);
    for (uint32_t kind = 0; kind < graph_.kinds.size(); ++kind) {
      if (!IsPlainObject(graph_, graph_.kinds[kind])) continue;
      place[kind] = static_cast<uint32_t>(plain.size());
      plain.push_back({.kind = kind});
    }
    for (Node node = 0; node < graph_.nodes(); ++node) {
      const uint32_t at = place[graph_.kind_of[node]];
      if (at == kNoNode) continue;
      if (plain[at].count++ == 0) plain[at].first = node;
    }
    std::erase_if(plain, [](const PlainKind& kind) { return kind.count == 0; });
    std::sort(plain.begin(), plain.end(),
              [](const PlainKind& a, const PlainKind& b) { return a.first < b.first; });
    return plain;
  }

  // In the order in which DevTools prefers them.
  std::vector<Candidate> Define(const std::vector<PlainKind>& plain) {
    std::vector<Candidate> candidates;
    std::unordered_map<std::string, size_t> by_name;
    uint64_t total = 0;
    for (const PlainKind& kind : plain) {
      total += kind.count;
      Candidate candidate = Describe(graph_.kinds[kind.kind]);
      if (candidate.properties.empty()) continue;
      const auto [entry, added] = by_name.try_emplace(candidate.name, candidates.size());
      if (added) candidates.push_back(std::move(candidate));
      candidates[entry->second].count += kind.count;
    }
    const double least = std::max<double>(kMinCount, static_cast<double>(total) * kMinShare);
    std::erase_if(candidates,
                  [&](const Candidate& c) { return static_cast<double>(c.count) < least; });
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.count > b.count; });
    return candidates;
  }

  std::vector<uint32_t> PropertiesOf(const Kind& kind) {
    std::vector<uint32_t> properties;
    for (uint32_t i = kind.labels; i < kind.labels + kind.edges; ++i) {
      if (IsProperty(i)) properties.push_back(Canonical(graph_.label_names[i]));
    }
    return properties;
  }

 private:
  bool IsProperty(uint32_t label) const {
    return graph_.label_types[label] == static_cast<uint8_t>(EdgeType::kProperty);
  }

  // The same number for the same text.
  uint32_t Canonical(uint32_t name) {
    const auto [entry, added] = canonical_.try_emplace(name, name);
    if (added) entry->second = by_text_.try_emplace(graph_.strings[name], name).first->second;
    return entry->second;
  }

  Candidate Describe(const Kind& kind) {
    Candidate candidate;
    candidate.name = "{";
    size_t length = 1;
    for (uint32_t i = kind.labels; i < kind.labels + kind.edges; ++i) {
      if (!IsProperty(i)) continue;
      const std::string_view name = graph_.strings[graph_.label_names[i]];
      if (name == "__proto__") continue;
      const std::string formatted = FormatProperty(name);
      const size_t more = Utf16Length(formatted);
      if (length > 1 && length + more > kMaxNameLength) break;
      if (length > 1) {
        candidate.name += ", ";
        length += 2;
      }
      candidate.name += formatted;
      length += more;
      candidate.properties.push_back(Canonical(graph_.label_names[i]));
    }
    candidate.name += '}';
    return candidate;
  }

  const Graph& graph_;
  std::unordered_map<uint32_t, uint32_t> canonical_;
  std::unordered_map<std::string_view, uint32_t> by_text_;
};

}  // namespace

bool IsPlainObject(const Graph& graph, const Kind& kind) {
  return kind.type == NodeType::kObject && graph.strings[kind.name] == "Object";
}

Interfaces::Interfaces(const Graph& graph) : of_kind_(graph.kinds.size(), kNoNode) {
  Inference inference(graph);
  const std::vector<PlainKind> plain = inference.FindPlainKinds();
  std::vector<Candidate> definitions = inference.Define(plain);
  PropertyTree tree;
  for (uint32_t i = 0; i < definitions.size(); ++i) tree.Add(definitions[i].properties, i);
  for (Candidate& definition : definitions) names_.push_back(std::move(definition.name));
  for (const PlainKind& kind : plain) {
    of_kind_[kind.kind] = tree.Find(inference.PropertiesOf(graph.kinds[kind.kind])).index;
  }
}

}  // namespace heapscope::graph
