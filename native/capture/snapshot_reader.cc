#include "capture/snapshot_reader.h"

#include <bit>
#include <utility>

#include "capture/digits.h"

namespace heapscope::capture {

using graph::Error;
using graph::Stage;

namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool IsDigit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

constexpr size_t kMaxDescription = 1 << 24;

}  // namespace

void SnapshotReader::Fail(const std::string& what, const char* at) const {
  throw Error(graph::kErrorSnapshot, "not a valid heap snapshot: " + what, Offset(at));
}

void SnapshotReader::Truncated() const {
  throw Error(graph::kErrorTruncated, "the heap snapshot ends too early", Offset(end_));
}

char* SnapshotReader::Room(size_t size) {
  if (data_.size() < filled_ + size + 1) data_.Resize(filled_ + size + 1);
  at_ = data_.data();  // it may have moved
  end_ = at_ + filled_;
  return data_.data() + filled_;
}

void SnapshotReader::Push(const char* bytes, size_t size) {
  std::memcpy(Room(size), bytes, size);
  Pushed(size);
}

void SnapshotReader::Pushed(size_t size) {
  filled_ += size;
  data_[filled_] = '\0';  // what ends every number and word
  at_ = data_.data();
  end_ = at_ + filled_;
  control_->Check();
  while (Step()) {
  }
  const auto used = static_cast<size_t>(at_ - data_.data());
  consumed_ += static_cast<int64_t>(used);
  filled_ -= used;
  std::memmove(data_.data(), at_, filled_);
  at_ = data_.data();
  end_ = at_ + filled_;
}

bool SnapshotReader::Step() {
  switch (state_) {
    case State::kStart:
      return Start();
    case State::kName:
      return Name();
    case State::kColon:
      return Colon();
    case State::kSnapshot:
    case State::kSkip:
      return Skip();
    case State::kBracket:
      return Bracket();
    case State::kNodes:
      return Nodes();
    case State::kEdges:
      return Edges();
    case State::kLocations:
      return Locations();
    case State::kStrings:
      return StringList();
    case State::kAfterValue:
      return AfterValue();
    case State::kEnd:
      if (!SkipSpace()) return false;
      Fail("something follows its end", at_);
  }
  return false;
}

// False at the end of what there is.
bool SnapshotReader::SkipSpace() {
  while (IsSpace(*at_)) ++at_;
  return at_ < end_;
}

bool SnapshotReader::Start() {
  if (!SkipSpace()) return false;
  if (*at_ != '{') Fail("it does not begin with {", at_);
  ++at_;
  first_ = true;
  state_ = State::kName;
  return true;
}

bool SnapshotReader::Name() {
  if (!SkipSpace()) return false;
  if (*at_ == '}' && first_) Fail("it is an empty object", at_);
  if (*at_ != '"') Fail("a member's name was expected", at_);
  const char* close = at_ + 1;
  while (close < end_ && *close != '"') {
    if (*close == '\\' || close - at_ > 64) Fail("a member of that name is not known", at_);
    ++close;
  }
  if (close == end_) return false;
  name_.assign(at_ + 1, close);
  at_ = close + 1;
  first_ = false;
  state_ = State::kColon;
  return true;
}

bool SnapshotReader::Colon() {
  static constexpr std::pair<const char*, State> kSections[] = {
      {"snapshot", State::kSnapshot},   {"nodes", State::kNodes},     {"edges", State::kEdges},
      {"locations", State::kLocations}, {"strings", State::kStrings},
  };
  if (!SkipSpace()) return false;
  if (*at_ != ':') Fail("a colon was expected", at_);
  section_ = State::kSkip;
  for (const auto& [name, state] : kSections) {
    if (name_ == name) section_ = state;
  }
  const auto bit = [](State state) { return 1u << static_cast<int>(state); };
  if (section_ == State::kSkip) {
    // A first member of another name: most likely another JSON file, perhaps a large one.
    if (seen_ == 0) Fail("its first member is `" + name_ + "`, not `snapshot`", at_);
  } else {
    const uint32_t needed = section_ == State::kSnapshot    ? 0
                            : section_ == State::kNodes     ? bit(State::kSnapshot)
                            : section_ == State::kEdges     ? bit(State::kNodes)
                            : section_ == State::kLocations ? bit(State::kEdges)
                                                            : bit(State::kSnapshot);
    if ((seen_ & needed) != needed) Fail("`" + name_ + "` stands before what it builds on", at_);
    if (seen_ & bit(section_)) Fail("`" + name_ + "` stands there twice", at_);
    seen_ |= bit(section_);
  }
  ++at_;
  depth_ = 0;
  in_string_ = escaped_ = false;
  rows_ = 0;
  first_ = true;
  if (section_ == State::kLocations && meta_.location_fields == 0) section_ = State::kSkip;
  const bool whole = section_ == State::kSkip || section_ == State::kSnapshot;
  state_ = whole ? section_ : State::kBracket;
  description_at_ = Offset(at_);
  return true;
}

// Passes over a value, or collects it: the description.
bool SnapshotReader::Skip() {
  const char* const start = at_;
  bool done = false;
  while (at_ < end_ && !done) {
    const char c = *at_;
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
        done = depth_ == 0;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      if (depth_ == 0) {  // a bare word or number ended before it
        state_ = State::kAfterValue;
        return true;
      }
      done = --depth_ == 0;
    } else if (c == ',' && depth_ == 0) {
      state_ = State::kAfterValue;
      return true;
    }
    ++at_;
  }
  if (state_ == State::kSnapshot) {
    description_.append(start, at_);
    if (description_.size() > kMaxDescription) Fail("its description is too long", at_);
    if (done) Describe();
  }
  if (done) state_ = State::kAfterValue;
  return done;
}

void SnapshotReader::Describe() {
  meta_ = ReadSnapshotMeta(description_, description_at_);
  description_ = {};
  builder_.facts().root =
      static_cast<uint32_t>(meta_.root_index / static_cast<uint64_t>(meta_.node_fields));
  builder_.facts().extra_native_bytes = meta_.extra_native_bytes;
  control_->Begin(Stage::kReading, meta_.nodes + meta_.edges);
}

bool SnapshotReader::Bracket() {
  if (!SkipSpace()) return false;
  if (*at_ != '[') Fail("`" + name_ + "` is not a list", at_);
  ++at_;
  state_ = section_;
  return true;
}

// A row as V8 writes it, `,1,2,3` with no more than a line's end before, in the next block of
// bytes. False for any other, which is still to be read.
inline bool SnapshotReader::TakePlainRow(uint64_t* values, int count) {
  if (!kFastDigits || first_ || end_ - at_ < static_cast<ptrdiff_t>(kDigitBlock + 16)) return false;
  const char* at = at_ + (*at_ == '\n');
  if (*at++ != ',') return false;
  uint64_t ends = NonDigits(at);
  unsigned from = 0;
  for (int i = 0; i < count; ++i) {
    const auto to = static_cast<unsigned>(std::countr_zero(ends));
    const unsigned length = to - from;
    if (ends == 0 || length - 1 >= 16) return false;
    values[i] = SixteenDigits(at + from, length);
    ends &= ends - 1;
    from = to + 1;
    const char end = at[to];
    if (end != ',' && (i + 1 < count || (end != '\n' && end != ']'))) return false;
  }
  at_ = at + from - 1;
  return true;
}

SnapshotReader::Row SnapshotReader::TakeRow(uint64_t* values, int count) {
  if (TakePlainRow(values, count)) return Row::kRow;
  const char* at = at_;
  for (int i = 0; i < count; ++i) {
    while (IsSpace(*at)) ++at;
    if (!(first_ && i == 0)) {
      if (*at != ',') {
        if (at == end_) return Row::kMore;
        if (*at == ']' && i == 0) {
          at_ = at + 1;
          return Row::kEnd;
        }
        Fail(*at == ']' ? "`" + name_ + "` ends inside a row" : "a comma was expected", at);
      }
      ++at;
      while (IsSpace(*at)) ++at;
    }
    // A script may begin at a negative column; V8 wrote that as a large number before Node 24.
    const bool negative = *at == '-' && state_ == State::kLocations;
    at += negative;
    const char* const start = at;
    uint64_t value = 0;
    while (IsDigit(*at)) value = value * 10 + static_cast<uint64_t>(*at++ - '0');
    if (at == end_) return Row::kMore;
    if (at == start) {
      if (first_ && i == 0 && *at == ']') {
        at_ = at + 1;
        return Row::kEnd;
      }
      Fail(*at == '-' ? "a negative number" : "a number was expected", at);
    }
    if (at - start > 17 || *at == '.' || *at == 'e' || *at == 'E') {
      Fail("a number that is not whole or too large", start);
    }
    values[i] = negative ? 0 - value : value;
  }
  at_ = at;
  first_ = false;
  return Row::kRow;
}

void SnapshotReader::EndSection() { state_ = State::kAfterValue; }

bool SnapshotReader::Nodes() {
  uint64_t row[64];
  for (;;) {
    const char* const start = at_;
    const Row taken = TakeRow(row, meta_.node_fields);
    if (taken == Row::kMore) return false;
    if (taken == Row::kEnd) break;
    if (++rows_ > meta_.nodes) Fail("more nodes than it announces", start);
    control_->Tick(rows_);
    const uint64_t type = row[meta_.node_type];
    const uint64_t name = row[meta_.node_name];
    const uint64_t edges = row[meta_.node_edges];
    if (type >= meta_.node_types.size()) Fail("a node of no known type", start);
    if (name > 0xfffffffe) Fail("a node with an impossible name", start);
    if (edges > meta_.edges - announced_) {
      Fail("its nodes have more edges than it announces", start);
    }
    announced_ += edges;
    const uint64_t detached = meta_.node_detachedness < 0 ? 0 : row[meta_.node_detachedness] & 3;
    feeder_.Add(NodeRow{.id = row[meta_.node_id],
                        .size = row[meta_.node_size],
                        .name = static_cast<uint32_t>(name),
                        .edges = static_cast<uint32_t>(edges),
                        .type = meta_.node_types[type],
                        .detachedness = static_cast<uint8_t>(detached)});
  }
  if (rows_ != meta_.nodes) Fail("fewer nodes than it announces", at_);
  if (announced_ != meta_.edges) Fail("its nodes have fewer edges than it announces", at_);
  feeder_.Finish();
  builder_.EndNodes();
  EndSection();
  return true;
}

bool SnapshotReader::Edges() {
  uint64_t row[64];
  const auto fields = static_cast<uint64_t>(meta_.node_fields);
  for (;;) {
    const char* const start = at_;
    const Row taken = TakeRow(row, meta_.edge_fields);
    if (taken == Row::kMore) return false;
    if (taken == Row::kEnd) break;
    if (++rows_ > meta_.edges) Fail("more edges than it announces", start);
    control_->Tick(rows_, meta_.nodes);
    const uint64_t type = row[meta_.edge_type];
    const uint64_t name = row[meta_.edge_name];
    const uint64_t target = row[meta_.edge_target];
    if (type >= meta_.edge_types.size()) Fail("an edge of no known type", start);
    if (name > 0xfffffffe) Fail("an edge with an impossible name", start);
    if (target % fields != 0 || target / fields >= meta_.nodes) {
      Fail("an edge that leads to no node", start);
    }
    feeder_.Add(EdgeRow{.name = static_cast<uint32_t>(name),
                        .target = static_cast<uint32_t>(target / fields),
                        .type = meta_.edge_types[type]});
  }
  if (rows_ != meta_.edges) Fail("fewer edges than it announces", at_);
  feeder_.Finish();
  EndSection();
  return true;
}

bool SnapshotReader::Locations() {
  uint64_t row[64];
  const auto fields = static_cast<uint64_t>(meta_.node_fields);
  const auto value = [&](int field) { return field < 0 ? 0 : static_cast<uint32_t>(row[field]); };
  for (;;) {
    const char* const start = at_;
    const Row taken = TakeRow(row, meta_.location_fields);
    if (taken == Row::kMore) return false;
    if (taken == Row::kEnd) break;
    control_->Tick(++rows_, meta_.nodes + meta_.edges);
    if (meta_.location_node < 0) continue;
    const uint64_t node = row[meta_.location_node];
    if (node % fields != 0 || node / fields >= meta_.nodes) Fail("a location of no node", start);
    builder_.AddLocation(
        static_cast<graph::Node>(node / fields),
        {value(meta_.location_script), value(meta_.location_line), value(meta_.location_column)});
  }
  EndSection();
  return true;
}

bool SnapshotReader::AfterValue() {
  if (!SkipSpace()) return false;
  if (*at_ == ',') {
    state_ = State::kName;
  } else if (*at_ == '}') {
    state_ = State::kEnd;
  } else {
    Fail("a comma or the end was expected", at_);
  }
  ++at_;
  return true;
}

graph::Graph SnapshotReader::Finish() {
  if (end_ == nullptr || state_ == State::kStart) {
    throw Error(graph::kErrorTruncated, "the heap snapshot is empty", consumed_);
  }
  if (state_ != State::kEnd) Truncated();
  const auto seen = [&](State state) { return (seen_ >> static_cast<int>(state) & 1) != 0; };
  if (!seen(State::kEdges)) Fail("it has no edges", at_);
  if (!seen(State::kStrings)) Fail("it has no strings", at_);
  if (builder_.max_name() >= builder_.strings().size()) {
    Fail("names refer to string " + std::to_string(builder_.max_name()) + " of " +
             std::to_string(builder_.strings().size()),
         at_);
  }
  data_.Free();
  graph::Graph graph = builder_.Finish();
  graph.facts.comparable_ids = 1;  // with those of what else the same process wrote
  return graph;
}

}  // namespace heapscope::capture
