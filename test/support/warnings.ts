/** The process warnings from now on until it is disposed. */
export class Warnings implements Disposable {
  readonly list: (Error & { code?: string; detail?: string })[] = []
  readonly #listener = (warning: Error) => void this.list.push(warning)

  constructor() {
    process.on('warning', this.#listener)
  }

  [Symbol.dispose](): void {
    process.off('warning', this.#listener)
  }
}
