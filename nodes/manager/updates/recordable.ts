/** A name as the database can hold it. */
export function recordable(name: string): string {
  return String(name).replaceAll('\u0000', '\ufffd').toWellFormed().slice(0, 200).toWellFormed();
}
