/** Widgets of this pack, by id: they look at the rights of who asks themselves. */
const own = new Set<string>();

/** Until the returned function is called. */
export function markOwnWidget(id: string): () => void {
  own.add(id);
  return () => void own.delete(id);
}

export function isOwnWidget(id: unknown): boolean {
  return typeof id === 'string' && own.has(id);
}
