#pragma once

#include <cstdint>
#include <string_view>

#include "graph/graph.h"

namespace heapscope::graph {

// Fills a Graph: all nodes in order, then all edges in the order of their nodes, then strings and
// locations. Folds what nodes have in common into kinds as it goes. Names are string numbers, which
// may be given before the strings are.
class Builder {
 public:
  static constexpr uint64_t kMaxNodes = 0xfffffff0;

  Builder();

  void AddNode(NodeType type, uint8_t detachedness, uint32_t name, uint64_t id, uint64_t size,
               uint32_t edges) {
    graph_.kind_of.push_back(name);
    types_.push_back(static_cast<uint8_t>(static_cast<uint8_t>(type) | detachedness << 6));
    graph_.ids.push_back(id);
    graph_.shallow.push_back(size);
    graph_.edges_at.push_back(edges);
    if (name > max_name_) max_name_ = name;
  }
  uint32_t nodes() const { return static_cast<uint32_t>(types_.size()); }

  // After the last node.
  void EndNodes();

  void AddEdge(EdgeType type, uint32_t name, Node target) {
    names_.push_back(name);
    edge_types_.push_back(static_cast<uint8_t>(type));
    hash_ = (hash_ ^ (uint64_t{name} << 3 | static_cast<uint64_t>(type))) * 0x9e3779b97f4a7c15;
    hash_ ^= hash_ >> 29;
    if (name > max_name_ && !HasIndex(type)) max_name_ = name;
    graph_.edge_bytes.Require(kMaxVarint);
    uint8_t* const out = graph_.edge_bytes.end();
    const uint64_t delta = ZigZag(static_cast<int64_t>(target) - static_cast<int64_t>(last_));
    graph_.edge_bytes.Extend(static_cast<size_t>(WriteVarint(out, delta) - out));
    last_ = target;
    if (--left_ == 0) EndNode();
  }
  uint64_t edges() const { return edges_; }

  // The largest number of a string that a name refers to.
  uint32_t max_name() const { return max_name_; }
  Facts& facts() { return graph_.facts; }
  Strings& strings() { return graph_.strings; }
  void AddLocation(Node node, Location location);

  // After the last edge, string and location.
  Graph Finish();

 private:
  struct Table {
    Column<uint64_t> slots;  // upper half of the hash, 1 + index
    size_t used = 0;
  };
  // A node whose edges are all there, until its kind is looked up.
  struct Whole {
    Node node;
    uint32_t labels;  // where they begin in names_
    uint32_t edges;
    uint64_t hash;
  };
  void EndNode();
  void SkipEdgeless();
  void AddWhole();
  void FindKinds();
  uint32_t KindFor(const Whole& whole);
  uint32_t LabelsFor(const Whole& whole);
  bool SameLabels(const Kind& kind, const Whole& whole) const;
  template <typename Same>
  uint32_t Find(const Table& table, uint64_t hash, Same&& same) const;
  static void Insert(Table& table, uint64_t hash, uint32_t index);
  uint32_t Located(uint32_t kind, uint32_t location);

  Graph graph_;
  Column<uint8_t> types_;
  uint64_t edges_ = 0;
  uint32_t max_name_ = 0;

  // The node whose edges are being added.
  Node node_ = 0;
  uint32_t left_ = 0;
  Node last_ = 0;
  uint64_t hash_ = 0;
  // Kinds are far apart: so they are looked up for several nodes at once.
  static constexpr uint32_t kWholes = 16;
  static constexpr size_t kLabels = 1 << 12;
  Whole wholes_[kWholes];
  uint32_t whole_ = 0;
  uint32_t labels_at_ = 0;  // where those of the node begin
  Column<uint32_t> names_;
  Column<uint8_t> edge_types_;

  Table kinds_;
  Table labels_;  // finds a kind with these labels
  Table located_;
  Table locations_;
};

}  // namespace heapscope::graph
