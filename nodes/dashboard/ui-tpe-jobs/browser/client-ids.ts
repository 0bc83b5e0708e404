/** The client ids in a text that a person typed or pasted, one a line or separated by commas, semicolons or tabs, each once. */
export function idsIn(text: string): string[] {
  return [...new Set(text.split(/[\n\r,;\t]+/).flatMap((one) => one.trim() || []))];
}

/**
 * The client ids in the column `clientid` of a CSV file, each once; null without such a column. Only this column is read here: the server
 * reads the file itself.
 */
export function idsInCsv(text: string): string[] | null {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const header = lines[0] ?? '';
  const separator = [',', ';', '\t'].find((one) => header.includes(one)) ?? ',';
  const place = cells(header, separator).findIndex((name) => name.trim().toLowerCase() === 'clientid');
  if (place === -1) return null;
  const found = lines.slice(1).flatMap((line) => cells(line, separator)[place]?.trim() || []);
  return [...new Set(found)];
}

function cells(line: string, separator: string): string[] {
  const found: string[] = [];
  let [cell, isQuoted] = ['', false];
  for (let place = 0; place < line.length; place += 1) {
    const char = line[place]!;
    if (char === '"' && isQuoted && line[place + 1] === '"') {
      cell += '"';
      place += 1;
    } else if (char === '"') isQuoted = !isQuoted;
    else if (char === separator && !isQuoted) {
      found.push(cell);
      cell = '';
    } else cell += char;
  }
  return [...found, cell];
}
