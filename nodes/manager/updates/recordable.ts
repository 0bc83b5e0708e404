/** Returns a name in a form that the database can hold: without NUL or broken characters, 200 characters at most. */
export function recordable(name: string): string {
  return String(name).replaceAll('\u0000', '\ufffd').toWellFormed().slice(0, 200).toWellFormed();
}
