/** Downloads a text, joined from `parts`, as a file in the browser. `type` is the MIME type. */
export function saveFile(name: string, type: string, ...parts: string[]): void {
  const url = URL.createObjectURL(new Blob(parts, { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** The separator with which this person's spreadsheet opens a CSV file directly. */
export function cellSeparator(): ',' | ';' {
  return new Intl.NumberFormat(navigator.language).format(1.5).includes(',') ? ';' : ',';
}

/** Reads a file and resolves with its bytes in Base64, because the server detects the encoding. Rejects if the file cannot be read. */
export function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('The file cannot be read.'));
    reader.readAsDataURL(file);
  });
}

/** Fetches all parts of a file, one after the other. `ask` gets the cursor of the part, none for the first. Rejects as `ask` does. */
export async function partsOf(
  ask: (cursor: { cursor?: string }) => Promise<{ text: string; next: string | null }>,
): Promise<string[]> {
  const parts: string[] = [];
  let cursor: string | null = null;
  do {
    const { text, next }: { text: string; next: string | null } = await ask(
      cursor === null ? {} : { cursor },
    );
    parts.push(text);
    cursor = next;
  } while (cursor !== null);
  return parts;
}

/** Appends the current date in UTC to a file name: `gateways-2026-11-25`. */
export function datedName(name: string): string {
  return `${name}-${new Date().toISOString().slice(0, 10)}`;
}
