#include "capture/snapshot_writer.h"

#include <cerrno>
#include <cstring>

#include "base/output_file.h"
#include "graph/node_types.h"
#include "graph/text.h"

namespace heapscope::capture {

namespace {

using graph::Edge;
using graph::EdgeCursor;
using graph::Graph;
using graph::Kind;
using graph::Node;
using graph::NodeType;

constexpr uint64_t kNodeFields = 6;

// Types whose names are what the program stored, not what the programmer wrote.
bool IsContents(NodeType type) {
  return type == NodeType::kString || type == NodeType::kConsString ||
         type == NodeType::kSlicedString || type == NodeType::kNumber ||
         type == NodeType::kBigInt || type == NodeType::kRegExp || type == NodeType::kSymbol;
}

class Writer {
 public:
  Writer(const Graph& graph, const std::string& path, graph::Control& control)
      : graph_(graph), path_(path), control_(control), file_(path) {
    if (!file_.Opened()) Fail();
  }

  void Run(bool redact) {
    if (redact) MarkSecrets();
    control_.Begin(graph::Stage::kWriting, graph_.nodes() * 2ull + graph_.strings.size());
    Head();
    Nodes();
    Edges();
    Rest();
    Flush();
    if (!file_.Finish()) Fail();
  }

 private:
  [[noreturn]] void Fail() const {
    throw graph::Error(graph::kErrorIo, "cannot write " + path_ + ": " + std::strerror(errno));
  }

  void Flush() {
    if (!file_.Write(text_.data(), text_.size())) Fail();
    text_.clear();
  }

  void Step() {
    if (text_.size() > (1 << 18)) Flush();
    control_.Tick(++steps_);
  }

  // A string that is both contents and a name stays as the name for those who use it so: the
  // contents get a string of their own.
  void MarkSecrets() {
    secret_ = graph::Column<uint32_t>::Zeroed(graph_.strings.size());
    for (const Kind& kind : graph_.kinds) {
      read_ |= kind.type == NodeType::kString && !graph_.strings[kind.name].empty();
      if (!IsContents(kind.type) || secret_[kind.name] != 0) continue;
      secret_[kind.name] = graph_.strings.size() + ++secrets_;
    }
  }

  uint32_t NameOf(const Kind& kind) const {
    if (secret_.empty() || !IsContents(kind.type)) return kind.name;
    return secret_[kind.name] - 1;
  }

  template <size_t N>
  void List(const char* const (&names)[N]) {
    text_ += '[';
    for (size_t i = 0; i < N; ++i) {
      if (i > 0) text_ += ',';
      text_ += graph::JsonString(names[i]);
    }
    text_ += ']';
  }

  void Head() {
    text_ += R"({"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count",)";
    text_ += R"("detachedness"],"node_types":[)";
    List(graph::kNodeTypeNames);
    text_ += R"(,"string","number","number","number","number"],"edge_fields":["type",)";
    text_ += R"("name_or_index","to_node"],"edge_types":[)";
    List(graph::kEdgeTypeNames);
    text_ += R"(,"string_or_number","node"],"trace_function_info_fields":[],)";
    text_ += R"("trace_node_fields":[],"sample_fields":[],)";
    text_ += R"("location_fields":["object_index","script_id","line","column"]},"node_count":)";
    text_ += std::to_string(graph_.nodes());
    text_ += ",\"edge_count\":" + std::to_string(graph_.facts.edges);
    text_ += ",\"trace_function_count\":0";
    if (graph_.facts.root != 0) {
      text_ += ",\"root_index\":" + std::to_string(graph_.facts.root * kNodeFields);
    }
    if (graph_.facts.extra_native_bytes != 0) {
      text_ += ",\"extra_native_bytes\":" + std::to_string(graph_.facts.extra_native_bytes);
    }
    text_ += "},\n";
  }

  void Number(uint64_t value, char behind) {
    char digits[24];
    char* at = digits + sizeof(digits);
    *--at = behind;
    do {
      *--at = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    text_.append(at, digits + sizeof(digits));
  }

  // Takes the comma that follows the last of a list away.
  void Trim() {
    if (text_.back() == ',') text_.pop_back();
  }

  void Nodes() {
    text_ += "\"nodes\":[";
    graph_.shallow.ForEach([&](size_t i, uint64_t size) {
      const auto node = static_cast<Node>(i);
      const Kind& kind = graph_.KindOf(node);
      text_ += i == 0 ? "" : ",\n";
      Number(static_cast<uint64_t>(kind.type), ',');
      Number(NameOf(kind), ',');
      Number(graph_.ids[i], ',');
      Number(size, ',');
      Number(kind.edges, ',');
      // Zero: what it said was spread and written into names already.
      text_ += '0';
      Step();
    });
    text_ += "],\n";
  }

  void Edges() {
    text_ += "\"edges\":[";
    Edge edge;
    bool first = true;
    for (Node node = 0; node < graph_.nodes(); ++node) {
      for (EdgeCursor cursor = graph_.EdgesOf(node); cursor.Next(edge);) {
        text_ += first ? "" : ",\n";
        first = false;
        Number(static_cast<uint64_t>(graph_.TypeOf(edge)), ',');
        Number(graph_.NameOf(edge), ',');
        Number(edge.target * kNodeFields, ',');
        Trim();
      }
      Step();
    }
    text_ += "],\n";
  }

  void Rest() {
    text_ += "\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[";
    for (Node node = 0; node < graph_.nodes(); ++node) {
      const uint32_t at = graph_.KindOf(node).location;
      if (at == 0 || at > graph_.locations.size()) continue;
      const graph::Location& location = graph_.locations[at - 1];
      Number(node * kNodeFields, ',');
      Number(location.script, ',');
      Number(location.line, ',');
      Number(location.column, ',');
      if (text_.size() > (1 << 18)) {
        const std::string tail = text_.substr(text_.size() - 1);
        text_.pop_back();
        Flush();
        text_ = tail;
      }
    }
    Trim();
    text_ += "],\n\"strings\":[";
    Strings();
    text_ += "]}\n";
  }

  void Strings() {
    // Those that only contents bear are blanked where they stand.
    graph::Column<uint8_t> named(graph_.strings.size(), secret_.empty() ? 1 : 0);
    graph::Column<uint32_t> order;
    if (!secret_.empty()) {
      for (const Kind& kind : graph_.kinds) named[kind.name] |= !IsContents(kind.type);
      for (size_t i = 0; i < graph_.label_names.size(); ++i) {
        const auto type = static_cast<graph::EdgeType>(graph_.label_types[i]);
        if (!graph::HasIndex(type)) named[graph_.label_names[i]] = 1;
      }
      for (const graph::ClassRow& row : graph_.classes) named[row.name] = 1;
      order = graph::Column<uint32_t>(secrets_);
      for (uint32_t i = 0; i < secret_.size(); ++i) {
        if (secret_[i] != 0) order[secret_[i] - 1 - graph_.strings.size()] = i;
      }
    }
    for (uint32_t i = 0; i < graph_.strings.size(); ++i) {
      text_ += i == 0 ? "" : ",\n";
      text_ += named[i] ? graph::JsonString(graph_.strings[i]) : "\"\"";
      Step();
    }
    for (const uint32_t i : order) {
      const std::string_view contents = graph_.strings[i];
      text_ += contents.empty() && !read_
                   ? ",\n\"(not captured)\""
                   : ",\n\"(" + std::to_string(graph::Utf16Length(contents)) + " characters)\"";
      Step();
    }
  }

  const Graph& graph_;
  const std::string& path_;
  graph::Control& control_;
  OutputFile file_;
  std::string text_;
  uint64_t steps_ = 0;
  graph::Column<uint32_t> secret_;  // by string: 1 + the string that stands for it as contents
  uint32_t secrets_ = 0;
  bool read_ = false;  // the graph has contents of strings
};

}  // namespace

void WriteSnapshot(const Graph& graph, const std::string& path, bool redact,
                   graph::Control& control) {
  graph.Validate();
  Writer(graph, path, control).Run(redact);
}

}  // namespace heapscope::capture
