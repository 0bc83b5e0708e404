/** Hands a text to the person as a file. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** `gateways-2026-11-25`. */
export function datedName(name: string): string {
  return `${name}-${new Date().toISOString().slice(0, 10)}`;
}
