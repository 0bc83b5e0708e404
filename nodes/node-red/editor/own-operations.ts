import { CallError, call } from './calls.ts';
import { words } from './words.ts';

interface ImportReport {
  format: string;
  added: string[];
  changed: string[];
  same: string[];
  refused: { place: string; name: string; reason: string }[];
}
interface OperationsFile {
  operations: { id: string; category: string; name: string }[];
}

/** The part of tpe-server's form for the users' own operations: what there is, import with a look before, export. */
export function ownOperations(holder: JQuery, server: string): void {
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
    for (const { id, category, name } of answer.operations) {
      const item = $('<li>')
        .append($('<span>').text(`${category}: ${name} `), $('<code>').text(id))
        .appendTo(list);
      if (mayWrite) button('fa-trash', 'own.remove', () => void remove(id)).appendTo(item);
    }
    return answer;
  }

  async function remove(id: string): Promise<void> {
    if ((await ask('tpe/operations/remove', { id })) !== null) await refresh();
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

  /** Says what would happen, before anything does. */
  async function look(): Promise<void> {
    const [chosen] = (file[0] as HTMLInputElement).files ?? [];
    if (chosen === undefined) return;
    const content = await contentOf(chosen);
    file.val('');
    const planned = await ask<Told>('tpe/operations/import', { ...content, dryRun: true });
    if (planned === null) return;
    show(planned, 'own.planned');
    if (planned.added.length + planned.changed.length === 0) return;
    button('fa-check', 'own.confirm', () => void take(content))
      .addClass('tpedm-take')
      .appendTo(report);
  }

  async function take(content: Content): Promise<void> {
    const done = await ask<Told>('tpe/operations/import', { ...content, dryRun: false });
    if (done === null) return;
    show(done, 'own.done');
    await refresh();
  }

  function show({ added, changed, same, refused, encoding }: Told, key: string): void {
    const counts = {
      added: added.length,
      changed: changed.length,
      same: same.length,
      refused: refused.length,
    };
    report.empty().append($('<div>').text(words(key, counts)));
    if (encoding !== undefined)
      $('<div>').addClass('tpedm-warning').text(words('own.encoding', { encoding })).appendTo(report);
    for (const { place, name, reason } of refused) {
      $('<div>')
        .addClass('tpedm-warning')
        .text(`${name || place}: ${reason} (${place})`)
        .appendTo(report);
    }
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

type Told = ImportReport & { encoding?: string };
type Content = { text: string; isBase64?: boolean };

/** As text where it is UTF-8, which is shorter; else its bytes, which the server reads. */
async function contentOf(file: File): Promise<Content> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    if (!text.includes('\u0000')) return { text };
  } catch {
    // Then it has another encoding.
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
