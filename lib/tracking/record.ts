import { native } from '../native.js'
import { CREATED, newCells, SKIP } from './cells.js'
import { closeMethodsOf, wrapCloseMethods } from './close-methods.js'
import { addMeta, closeInstance } from './closing.js'
import { metas, noSlot } from './metas.js'
import { leastLevel, type Constructor, type TrackOptions } from './options.js'
import { SiteTable } from './sites.js'

export const defaultHandles = 65_536

/** One tracked class, or a class derived from one: its counts, its options, its family. */
export class ClassRecord {
  readonly cells = newCells()
  /** Of its native half. */
  index: number
  readonly derived: ClassRecord[] = []
  /** New instances are counted. */
  enabled = true
  /** The tracker was disposed since: the figures are those of that moment. */
  ended = false
  /** More is done with a new instance than following it: `admit` sees each. */
  admits = false
  /** Follows an instance that was just counted: the native call itself, where that is all. */
  follow: (object: object) => void
  sites: SiteTable | undefined
  closeMethods: readonly (string | symbol)[] = []
  /** Each instance has an entry in `metas`. */
  #keepsMetas = false
  #kept: Set<object> | undefined
  #nativeFollow: (object: object) => number

  constructor(
    public name: string,
    /** null for objects that were tracked one by one. */
    readonly cls: Constructor | null,
    public base: ClassRecord | null,
    public options: TrackOptions,
    /** Asked for by name, not found as a subclass. */
    public explicit: boolean,
    private readonly mayMeetAgain: boolean,
  ) {
    this.closeMethods = this.#closeMethods()
    const [index, follow] = native.addClass(this.cells, ...this.#nativeOptions())
    this.index = index
    this.#nativeFollow = follow
    this.follow = follow
    base?.derived.push(this)
    this.#apply()
  }

  configure(options: TrackOptions): void {
    this.options = options
    this.name = options.name ?? this.name
    if (this.ended) this.#restart()
    this.closeMethods = this.#closeMethods()
    native.configureClass(this.index, ...this.#nativeOptions())
    this.#apply()
    for (const derived of this.derived) {
      if (!derived.explicit) derived.configure(withoutName(options))
    }
  }

  moveTo(base: ClassRecord): void {
    this.base?.derived.splice(this.base.derived.indexOf(this), 1)
    this.base = base
    base.derived.push(this)
  }

  /** Its figures stay as they are. */
  end(): void {
    this.ended = true
    this.#kept = undefined
  }

  get closable(): boolean {
    return this.closeMethods.length > 0
  }

  /** Counts a new instance. `below`: the function whose callers made it. */
  admit(object: object, below: CallableFunction, derivedNames?: () => string[]): void {
    if (this.#keepsMetas && metas.has(object)) return // its constructor returned one that exists
    this.cells[CREATED]!++
    const followed = !(this.cells[SKIP]!-- > 0)
    const slot = followed ? this.#nativeFollow(object) : noSlot
    const site = this.sites && slot !== noSlot ? this.#keepSite(slot, below, derivedNames) : 0
    if (!this.#keepsMetas) return
    addMeta(object, {
      record: this,
      index: this.index,
      id: this.cells[CREATED]!,
      bornMs: native.coarseNowMs(),
      slot,
      site,
      closedAtMs: null,
    })
    this.#kept?.add(object)
  }

  /** All counts begin anew, in a native half of their own; the wrapper keeps its cells. */
  #restart(): void {
    this.ended = false
    this.cells.fill(0)
    const [index, follow] = native.addClass(this.cells, ...this.#nativeOptions())
    this.index = index
    this.#nativeFollow = follow
    this.follow = follow
  }

  #apply(): void {
    const { sites = 0, keep = false, metadata = false } = this.options
    // Kept to the end: instances refer to the stacks in it.
    if (sites > 0) this.sites ??= new SiteTable()
    if (this.sites) this.sites.oneIn = sites
    this.#kept = keep ? (this.#kept ?? new Set()) : undefined
    this.#keepsMetas = this.closable || metadata || keep || this.mayMeetAgain || this.cls === null
    this.admits = this.#keepsMetas || sites > 0
  }

  #closeMethods(): (string | symbol)[] {
    if (this.cls === null) return []
    const names = closeMethodsOf(this.cls, this.options.close)
    return wrapCloseMethods(this.cls, names, closeInstance)
  }

  #nativeOptions(): [handles: number, leastLevel: number, closable: boolean] {
    const { handles = defaultHandles, sampleRate } = this.options
    return [handles, leastLevel(sampleRate), this.closable]
  }

  #keepSite(slot: number, below: CallableFunction, derivedNames?: () => string[]): number {
    const site = this.sites!.next(below, derivedNames)
    if (site !== 0) native.setSite(this.index, slot, site)
    return site
  }
}

/** Its own name is a class's; everything else holds for the family. */
export function withoutName(options: TrackOptions): TrackOptions {
  const others = { ...options }
  delete others.name
  return others
}
