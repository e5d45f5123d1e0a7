/**
 * Weak references as the addon offers them. Arguments are not checked there. A link leads from a
 * holder to its target, both held weakly; cells are what one weak collection holds, by slots of its
 * own. Slots are small whole numbers; one that is done with (or -1) has no target.
 */
export interface NativeWeakApi {
  weakStart: () => void
  weakSweep: () => void

  linkAdd: (target: unknown, holder: object, notifies: boolean) => number
  linkTarget: (slot: number) => unknown
  linkLives: (slot: number) => boolean
  linkCancel: (slot: number) => void
  linkShare: (slot: number, kind: number) => void
  linkShared: (target: unknown, kind: number) => object | undefined
  linksOf: (target: unknown) => object[]
  linksNotifying: () => object[]
  linkCount: () => number
  linksTakeWaiting: () => object[] | undefined

  cellsCreate: (owner: object) => number
  cellsAdd: (index: number, value: unknown) => number | undefined
  cellsAssign: (index: number, slot: number, value: unknown) => boolean
  cellsGet: (index: number, slot: number) => unknown
  cellsHas: (index: number, slot: number) => boolean
  cellsRelease: (index: number, slot: number) => boolean
  cellsClear: (index: number) => void
  cellsLive: (index: number) => number
  cellsOf: (target: unknown) => number
  cellsTakeDead: (index: number) => Uint32Array
  cellsTakeOwners: () => object[]
}
