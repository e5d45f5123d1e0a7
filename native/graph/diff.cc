#include "graph/diff.h"

#include <algorithm>
#include <unordered_map>

namespace heapscope::graph {

namespace {

// Nodes of a size, by id.
Column<Node> SortById(const Graph& graph, Column<uint64_t>& ids, Control& control) {
  control.At(0);
  ids = Column<uint64_t>(graph.nodes());
  graph.ids.ForEach([&](size_t node, uint64_t id) { ids[node] = id; });
  Column<Node> order;
  order.Require(graph.nodes());
  graph.shallow.ForEach([&](size_t node, uint64_t size) {
    if (size != 0) order.push_back(static_cast<Node>(node));
  });
  // V8 numbers objects as it meets them, so they are nearly in order.
  if (!std::is_sorted(order.begin(), order.end(),
                      [&](Node a, Node b) { return ids[a] < ids[b]; })) {
    std::sort(order.begin(), order.end(), [&](Node a, Node b) { return ids[a] < ids[b]; });
  }
  return order;
}

class Comparison {
 public:
  Comparison(const Graph& now, const Graph& then)
      : now_(now), then_(then), rows_(differences_.classes) {
    by_name_ = now.locations.empty() != then.locations.empty();
    row_now_ = RowsOf(now, &ClassDiff::count_now, &ClassDiff::shallow_now);
    row_then_ = RowsOf(then, &ClassDiff::count_then, &ClassDiff::shallow_then);
  }

  void ById(Control& control) {
    control.Begin(Stage::kComparing, uint64_t{now_.nodes()} + then_.nodes());
    Column<uint64_t> ids_now, ids_then;
    const Column<Node> order_now = SortById(now_, ids_now, control);
    const Column<Node> order_then = SortById(then_, ids_then, control);
    differences_.added = Column<uint8_t>::Zeroed(now_.nodes());
    differences_.removed = Column<uint8_t>::Zeroed(then_.nodes());
    size_t i = 0, j = 0;
    while (i < order_now.size() || j < order_then.size()) {
      control.Tick(i + j);
      const uint64_t a = i < order_now.size() ? ids_now[order_now[i]] : UINT64_MAX;
      const uint64_t b = j < order_then.size() ? ids_then[order_then[j]] : UINT64_MAX;
      if (a <= b && i < order_now.size()) {
        const Node node = order_now[i++];
        const bool both = a == b && j < order_then.size();
        const Node before = both ? order_then[j++] : kNoNode;
        // As in DevTools an object that changed its class is new in one and gone from the other.
        if (both && RowNow(node) == RowThen(before)) {
          Grow(node, before);
        } else {
          Add(node);
          if (both) Remove(before);
        }
      } else {
        Remove(order_then[j++]);
      }
    }
  }

  Differences Take() {
    std::erase_if(rows_, [](const ClassDiff& row) { return row.count_now + row.count_then == 0; });
    return std::move(differences_);
  }

 private:
  // Of each class of the graph its row, whose figures grow by the class's.
  Column<uint32_t> RowsOf(const Graph& graph, uint64_t ClassDiff::* count,
                          uint64_t ClassDiff::* shallow) {
    Column<uint32_t> rows(graph.classes.size());
    for (uint32_t i = 0; i < graph.classes.size(); ++i) {
      const ClassRow& each = graph.classes[i];
      const std::string_view name = graph.strings[each.name];
      const std::string_view key = by_name_ ? name : graph.strings[each.key];
      const auto [entry, added] = by_key_.try_emplace(key, static_cast<uint32_t>(rows_.size()));
      if (added) {
        rows_.push_back({});
        rows_.back().key = key;
        rows_.back().name = name;
      }
      rows[i] = entry->second;
      rows_[rows[i]].*count += each.count;
      rows_[rows[i]].*shallow += each.shallow;
    }
    return rows;
  }

  uint32_t RowNow(Node node) const { return row_now_[now_.ClassOf(node)]; }
  uint32_t RowThen(Node node) const { return row_then_[then_.ClassOf(node)]; }
  void Add(Node node) {
    ClassDiff& row = rows_[RowNow(node)];
    ++row.added;
    differences_.added[node] = 1;
    row.added_bytes += now_.shallow[node];
  }
  void Remove(Node node) {
    ClassDiff& row = rows_[RowThen(node)];
    ++row.removed;
    differences_.removed[node] = 1;
    row.removed_bytes += then_.shallow[node];
  }
  void Grow(Node node, Node before) {
    if (now_.retained[node] > then_.retained[before]) {
      rows_[RowNow(node)].grown_bytes += now_.retained[node] - then_.retained[before];
    }
  }

  const Graph& now_;
  const Graph& then_;
  Differences differences_;
  std::vector<ClassDiff>& rows_;
  bool by_name_ = false;
  std::unordered_map<std::string_view, uint32_t> by_key_;
  Column<uint32_t> row_now_;
  Column<uint32_t> row_then_;
};

}  // namespace

Differences Compare(const Graph& now, const Graph& then, bool by_id, Control& control) {
  Comparison comparison(now, then);
  if (by_id) comparison.ById(control);
  return comparison.Take();
}

}  // namespace heapscope::graph
