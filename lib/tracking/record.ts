import { native } from '../native.js'
import { CREATED, newCells, SKIP } from './cells.js'
import { closeMethodsOf } from './close-methods.js'
import { leastLevel, type Constructor, type TrackOptions } from './options.js'
import { SiteTable } from './sites.js'

export const defaultHandles = 65_536

/** What is kept of one instance, of a class that pays for it. */
export interface InstanceMeta {
  record: ClassRecord
  /** null where the instance was passed over by sampling before anything asked for it. */
  id: number | null
  bornMs: number | null
  slot: number
  site: number
  closedAtMs: number | null
}

/** The native half's slot of an instance that is not followed. */
export const noSlot = 2 ** 32 - 1

/** The instances that have an entry. It holds none of them. */
export const metas = new WeakMap<object, InstanceMeta>()

/** One tracked class, or a class derived from one: its counts, its options, its family. */
export class ClassRecord {
  readonly cells = newCells()
  readonly index: number
  readonly derived: ClassRecord[] = []
  /** New instances are counted. */
  enabled = true
  /** Each instance has an entry in `metas`, so each is seen by `admit`. */
  keepsMetas = false
  /** Follows an instance that was just counted: the native call itself, where that is all. */
  follow: (object: object) => void
  sites: SiteTable | undefined
  closeMethods: readonly (string | symbol)[] = []
  #kept: Set<object> | undefined
  readonly #nativeFollow: (object: object) => number

  constructor(
    public name: string,
    /** null for objects that were tracked one by one. */
    readonly cls: Constructor | null,
    readonly base: ClassRecord | null,
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
    this.closeMethods = this.#closeMethods()
    native.configureClass(this.index, ...this.#nativeOptions())
    this.#apply()
  }

  get closable(): boolean {
    return this.closeMethods.length > 0
  }

  /** Counts an instance that pays for an entry. `below`: the function whose callers made it. */
  admit(object: object, below: CallableFunction, derivedNames?: () => string[]): void {
    if (metas.has(object)) return // its constructor returned one that exists
    this.cells[CREATED]!++
    const followed = !(this.cells[SKIP]!-- > 0)
    const slot = followed ? this.#nativeFollow(object) : noSlot
    const site = this.sites && slot !== noSlot ? this.#keepSite(slot, below, derivedNames) : 0
    metas.set(object, {
      record: this,
      id: this.cells[CREATED]!,
      bornMs: native.coarseNowMs(),
      slot,
      site,
      closedAtMs: null,
    })
    this.#kept?.add(object)
  }

  #apply(): void {
    const { sites = 0, keep = false, metadata = false } = this.options
    this.sites = sites > 0 ? new SiteTable(sites) : undefined
    this.#kept = keep ? (this.#kept ?? new Set()) : undefined
    this.keepsMetas =
      this.closable || metadata || keep || sites > 0 || this.mayMeetAgain || this.cls === null
  }

  #closeMethods(): (string | symbol)[] {
    return this.cls === null ? [] : closeMethodsOf(this.cls, this.options.close)
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
