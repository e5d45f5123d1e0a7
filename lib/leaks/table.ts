/** What a table says of a name: 0 of one it has not, be it `constructor` or what else objects inherit. */
export function numberOf(table: Readonly<Record<string, number>>, name: string): number {
  return Object.hasOwn(table, name) ? table[name]! : 0
}
