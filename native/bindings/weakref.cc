#include "bindings/bindings.h"

#include <cstring>
#include <vector>

#include "bindings/plain_function.h"
#include "environment.h"

namespace heapscope::bindings {

namespace {

using weakref::Cells;
using weakref::Link;
using weakref::LinkTable;
using weakref::Slot;
using weakref::WeakReferences;

using Info = v8::FunctionCallbackInfo<v8::Value>;

WeakReferences& WeakOf(const Info& info) { return *PointerOf<WeakReferences>(info); }
LinkTable& LinksOf(const Info& info) { return WeakOf(info).links(); }
Slot SlotAt(const Info& info, int index) {
  return static_cast<Slot>(info[index].As<v8::Int32>()->Value());
}
Cells& CellsOf(const Info& info) { return WeakOf(info).cells(SlotAt(info, 0)); }

void ReturnArray(const Info& info, std::vector<v8::Local<v8::Value>>& values) {
  info.GetReturnValue().Set(v8::Array::New(info.GetIsolate(), values.data(), values.size()));
}

// weakStart(): from now on collections are heard of
void WeakStart(const Napi::CallbackInfo& info) {
  auto* environment = static_cast<Environment*>(info.Data());
  environment->weak_references().Activate();
  environment->SyncCollections();
}

// weakSweep(): looks for the dead that no collection's sweep looked for
void WeakSweep(const Info& info) { WeakOf(info).Sweep(phantom::Generation::kAll); }

// cellsOf(target): how many entries of weak collections hold it
void CellsOfTarget(const Info& info) { info.GetReturnValue().Set(WeakOf(info).CellsOf(info[0])); }

// linkAdd(target, holder, notifies): slot, or -1 where there is none left
void LinkAdd(const Info& info) {
  info.GetReturnValue().Set(static_cast<int32_t>(
      LinksOf(info).Add(info[0], info[1].As<v8::Object>(), info[2]->IsTrue())));
}

// linkTarget(slot): the target or undefined
void LinkTarget(const Info& info) {
  const Link* link = LinksOf(info).At(SlotAt(info, 0));
  if (link && !link->target.IsEmpty()) info.GetReturnValue().Set(link->target);
}

// linkLives(slot): boolean
void LinkLives(const Info& info) {
  const Link* link = LinksOf(info).At(SlotAt(info, 0));
  info.GetReturnValue().Set(link != nullptr && !link->target.IsEmpty());
}

// linkCancel(slot)
void LinkCancel(const Info& info) { LinksOf(info).Cancel(SlotAt(info, 0)); }

// linkShare(slot, kind): linkShared finds it
void LinkShare(const Info& info) {
  LinksOf(info).Share(SlotAt(info, 0), info[1].As<v8::Uint32>()->Value());
}

// linkShared(target, kind): its holder or undefined
void LinkShared(const Info& info) {
  const auto holder = LinksOf(info).FindShared(info[0], info[1].As<v8::Uint32>()->Value());
  if (!holder.IsEmpty()) info.GetReturnValue().Set(holder);
}

// linksOf(target): the holders of the living links to it, in the order of creation
void LinksOfTarget(const Info& info) {
  std::vector<v8::Local<v8::Value>> holders;
  LinksOf(info).HoldersWhere([&](const Link& link) { return link.target == info[0]; }, holders);
  ReturnArray(info, holders);
}

// linksNotifying(): the holders of all links that want to know of their targets' deaths
void LinksNotifying(const Info& info) {
  std::vector<v8::Local<v8::Value>> holders;
  LinksOf(info).HoldersWhere([](const Link& link) { return link.notifies; }, holders);
  ReturnArray(info, holders);
}

// linkCount(): links of this environment
void LinkCount(const Info& info) { info.GetReturnValue().Set(LinksOf(info).size()); }

// linksTakeWaiting(): the holders whose targets died, newest first, or undefined where there are
// none
void LinksTakeWaiting(const Info& info) {
  if (!LinksOf(info).has_waiting()) return;
  std::vector<v8::Local<v8::Value>> holders;
  LinksOf(info).TakeWaiting(holders);
  ReturnArray(info, holders);
}

// From how many dead entries on a collection is asked to take them out, though the loop may be
// busy.
constexpr uint32_t kManyUntaken = 256;

// cellsCreate(owner): index
void CellsCreate(const Info& info) {
  info.GetReturnValue().Set(WeakOf(info).AddCells(info[0].As<v8::Object>()));
}

// cellsAdd(index, value): slot; or -1 - slot where the dead should be taken; or undefined where
// there is no slot left
void CellsAdd(const Info& info) {
  Cells& cells = CellsOf(info);
  const auto slot = static_cast<int32_t>(cells.Add(info[1]));
  if (slot < 0) return;
  info.GetReturnValue().Set(cells.untaken() < kManyUntaken ? slot : -1 - slot);
}

// cellsAssign(index, slot, value): whether the value before it lived
void CellsAssign(const Info& info) {
  info.GetReturnValue().Set(CellsOf(info).Assign(SlotAt(info, 1), info[2]));
}

// cellsGet(index, slot): the value or undefined
void CellsGet(const Info& info) {
  const auto* value = CellsOf(info).At(SlotAt(info, 1));
  if (value && !value->IsEmpty()) info.GetReturnValue().Set(*value);
}

// cellsHas(index, slot): boolean
void CellsHas(const Info& info) {
  const auto* value = CellsOf(info).At(SlotAt(info, 1));
  info.GetReturnValue().Set(value && !value->IsEmpty());
}

// cellsRelease(index, slot): whether its value lived
void CellsRelease(const Info& info) {
  info.GetReturnValue().Set(CellsOf(info).Release(SlotAt(info, 1)));
}

// cellsClear(index)
void CellsClear(const Info& info) { CellsOf(info).Clear(); }

// cellsLive(index): how many values live
void CellsLive(const Info& info) { info.GetReturnValue().Set(CellsOf(info).live()); }

// cellsTakeDead(index): Uint32Array of slots, which are free from now on
void CellsTakeDead(const Info& info) {
  std::vector<Slot> slots;
  CellsOf(info).TakeDead(slots);
  const size_t bytes = slots.size() * sizeof(Slot);
  auto buffer = v8::ArrayBuffer::New(info.GetIsolate(), bytes);
  if (bytes > 0) std::memcpy(buffer->Data(), slots.data(), bytes);
  info.GetReturnValue().Set(v8::Uint32Array::New(buffer, 0, slots.size()));
}

// cellsTakeOwners(): the owners of cells with dead values
void CellsTakeOwners(const Info& info) {
  std::vector<v8::Local<v8::Value>> owners;
  WeakOf(info).TakeOwners(owners);
  ReturnArray(info, owners);
}

}  // namespace

void ExposeWeakref(Napi::Object exports, Environment* environment) {
  Exposing(exports, environment)("weakStart", WeakStart);
  const auto expose = [&](const char* name, v8::FunctionCallback callback) {
    ExposePlain(exports, name, callback, &environment->weak_references());
  };
  expose("weakSweep", WeakSweep);
  expose("cellsOf", CellsOfTarget);
  expose("linkAdd", LinkAdd);
  expose("linkTarget", LinkTarget);
  expose("linkLives", LinkLives);
  expose("linkCancel", LinkCancel);
  expose("linkShare", LinkShare);
  expose("linkShared", LinkShared);
  expose("linksOf", LinksOfTarget);
  expose("linksNotifying", LinksNotifying);
  expose("linkCount", LinkCount);
  expose("linksTakeWaiting", LinksTakeWaiting);
  expose("cellsCreate", CellsCreate);
  expose("cellsAdd", CellsAdd);
  expose("cellsAssign", CellsAssign);
  expose("cellsGet", CellsGet);
  expose("cellsHas", CellsHas);
  expose("cellsRelease", CellsRelease);
  expose("cellsClear", CellsClear);
  expose("cellsLive", CellsLive);
  expose("cellsTakeDead", CellsTakeDead);
  expose("cellsTakeOwners", CellsTakeOwners);
}

}  // namespace heapscope::bindings
