/** The client ids in a text that a person typed or pasted, one a line or separated by commas, semicolons or tabs, each once. */
export function idsIn(text: string): string[] {
  return [...new Set(text.split(/[\n\r,;\t]+/).flatMap((one) => one.trim() || []))];
}

/**
 * The client ids in the column `clientid` of a CSV file, each once; null without such a column. Only this column is read here: the server
 * reads the file itself.
 */
export function idsInCsv(text: string): string[] | null {
  const { header, lines, separator } = linesOf(text);
  const place = header.findIndex(isOfClientIds);
  if (place === -1) return null;
  const found = lines.flatMap((line) => cells(line, separator)[place]?.trim() || []);
  return [...new Set(found)];
}

/** The names of the columns of a CSV file beside that one; what they hold is read by the server. */
export function columnsInCsv(text: string): string[] {
  const { header } = linesOf(text);
  return header.filter((name) => name.trim() !== '' && !isOfClientIds(name)).map((name) => name.trim());
}

const isOfClientIds = (name: string) => name.trim().toLowerCase() === 'clientid';

function linesOf(text: string): { header: string[]; lines: string[]; separator: string } {
  const [first = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const separator = [',', ';', '\t'].find((one) => first.includes(one)) ?? ',';
  return { header: cells(first, separator), lines, separator };
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
