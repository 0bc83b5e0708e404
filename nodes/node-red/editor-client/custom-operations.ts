import type { ImportReport } from '../../manager/catalogue/import/import-report.ts';
import { CallError, call } from './calls.ts';
import { copiedId } from './copied-id.ts';
import { importReport } from './import-report.ts';
import { checkRequestsAgain } from './request-marks.ts';
import { words } from './words.ts';

interface OperationsFile {
  operations: { id: string; category: string; name: string; method: string; path: string }[];
}

/** Fills the part of tpe-server's form for the users' own operations: the list, the import with a preview, and the export. */
export function customOperations(holder: JQuery, server: string): void {
  const list = $('<ul>').addClass('tpedm-own');
  const report = $('<div>').addClass('tpedm-report').attr('aria-live', 'polite');
  const file = $('<input type="file" accept=".json,.yaml,.yml">')
    .attr({ id: 'tpe-server-import-file' })
    .hide();
  const mayWrite = RED.user.hasPermission('tpe.write');
  const button = (icon: string, key: string, act: () => void) =>
    $('<button type="button">')
      .addClass('red-ui-button red-ui-button-small')
      .append($('<i>').addClass(`fa ${icon}`), $('<span>').text(` ${words(key)}`))
      .on('click', act);
  const importing = button('fa-upload', 'own.import', () => file.trigger('click'));
  importing.prop('disabled', !mayWrite).attr('title', mayWrite ? '' : words('error.permission'));
  holder.empty().append(
    $('<div>').addClass('tpedm-quiet').text(words('own.what')),
    list,
    $('<div>').append(
      importing,
      ' ',
      button('fa-download', 'own.export', () => void save()),
    ),
    file,
    report,
  );
  file.on('change', () => void look());

  async function refresh(): Promise<OperationsFile | null> {
    const answer = await ask<OperationsFile>('tpe/operations/export', {});
    list.empty();
    if (answer === null) return null;
    if (answer.operations.length === 0)
      $('<li>').addClass('tpedm-quiet').text(words('own.none')).appendTo(list);
    for (const { id, category, name, method, path } of answer.operations) {
      const item = $('<li>')
        .append(
          $('<span>').text(`${category}: ${name} `),
          $('<code>').text(`${method} ${path}`),
          ' ',
          copiedId(id),
        )
        .appendTo(list);
      if (mayWrite) button('fa-trash', 'own.remove', () => void remove(id)).appendTo(item);
    }
    return answer;
  }

  async function remove(id: string): Promise<void> {
    if ((await ask('tpe/operations/remove', { id })) === null) return;
    checkRequestsAgain();
    await refresh();
  }

  async function save(): Promise<void> {
    const answer = await refresh();
    if (answer === null) return;
    const url = URL.createObjectURL(
      new Blob([JSON.stringify(answer, null, 2)], { type: 'application/json' }),
    );
    const link = $('<a>').attr({ href: url, download: 'tpe-operations.json' });
    link[0]?.click();
    URL.revokeObjectURL(url);
  }

  /** Shows what the import would do before anything is written. */
  async function look(): Promise<void> {
    const [chosen] = (file[0] as HTMLInputElement).files ?? [];
    if (chosen === undefined) return;
    const content = await contentOf(chosen);
    file.val('');
    await plan(content, {});
  }

  /** `given.prefix` is the prefix that the person has entered. Without it, the prefix of the document counts. */
  async function plan(content: Content, given: { prefix?: string }): Promise<void> {
    const planned = await ask<Told>('tpe/operations/import', { ...content, dryRun: true, ...given });
    if (planned === null) {
      if (given.prefix !== undefined) report.append(rowOf(content, given.prefix));
      return;
    }
    report.empty();
    if (planned.prefix !== null) report.append(rowOf(content, planned.prefix));
    if (planned.added.length + planned.changed.length > 0) {
      button('fa-check', 'own.confirm', () => void take(content, given))
        .addClass('tpedm-take')
        .appendTo(report);
    }
    report.append(encodingNote(planned), importReport(planned, 'own.planned'));
  }

  const rowOf = (content: Content, prefix: string) =>
    prefixRow(prefix, (wanted) => void plan(content, { prefix: wanted }));

  async function take(content: Content, given: { prefix?: string }): Promise<void> {
    const done = await ask<Told>('tpe/operations/import', { ...content, dryRun: false, ...given });
    if (done === null) return;
    checkRequestsAgain();
    report.empty().append(encodingNote(done), importReport(done, 'own.done'));
    await refresh();
  }

  async function ask<Answer>(route: string, body: object): Promise<Answer | null> {
    try {
      return await call<Answer>(route, { server, ...body });
    } catch (error) {
      report.empty().append(
        $('<div>')
          .addClass('tpedm-fault')
          .text(error instanceof CallError ? error.message : String(error)),
      );
      return null;
    }
  }

  void refresh();
}

/** A row with the prefix of the document's paths. Calls `onChange` with the new prefix after each change. */
function prefixRow(prefix: string, onChange: (prefix: string) => void): JQuery {
  const input = $('<input type="text">')
    .attr({ id: 'tpe-server-import-prefix', placeholder: words('own.noPrefix') })
    .val(prefix)
    .on('change', () => onChange(String(input.val() ?? '').trim()));
  return $('<div>')
    .addClass('tpedm-row')
    .append(
      $('<label for="tpe-server-import-prefix">').addClass('tpedm-label').text(words('own.prefix')),
      $('<div>')
        .addClass('tpedm-body')
        .append(input, $('<div>').addClass('tpedm-quiet').text(words('own.prefixMeans'))),
    );
}

/** Tells the person if the file was read in an encoding other than UTF-8. */
function encodingNote({ encoding }: Told): JQuery {
  const note = $('<div>');
  return encoding === undefined
    ? note
    : note.addClass('tpedm-warning').text(words('own.encoding', { encoding }));
}

type Told = ImportReport & { encoding?: string };
type Content = { text: string; isBase64?: boolean };

/** Returns the file as text if it is UTF-8, because that is shorter. Otherwise returns its bytes, which the server decodes. */
async function contentOf(file: File): Promise<Content> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    if (!text.includes('\u0000')) return { text };
  } catch {
    // The file is not UTF-8, so the server detects its encoding.
  }
  return { text: await base64Of(file), isBase64: true };
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ''));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
