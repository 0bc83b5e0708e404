import type { ImportNote } from '../../manager/catalogue/import/import-note.ts';
import type { ImportedOperation, ImportReport } from '../../manager/catalogue/import/import-report.ts';
import { copiedId } from './copied-id.ts';
import { words } from './words.ts';

/** Up to this number of operations, the list is open from the start. */
const FEW = 30;

/** Shows the result of an import: counts, refused operations with the reason, and each operation with its notes. */
export function importReport(report: ImportReport, key: 'own.planned' | 'own.done'): JQuery {
  const { added, changed, same, refused, operations, notes } = report;
  const counts = {
    added: added.length,
    changed: changed.length,
    same: same.length,
    refused: refused.length,
  };
  const holder = $('<div>').append($('<div>').text(words(key, counts)));
  for (const note of notes) holder.append(noteOf(note));
  for (const { place, name, method, path, reason } of refused) {
    const what = method === undefined ? name || place : `${method} ${path ?? ''} ${name}`;
    $('<div>').addClass('tpedm-warning').text(`${what}: ${reason} (${place})`).appendTo(holder);
  }
  return operations.length === 0 ? holder : holder.append(list(operations));
}

function list(operations: readonly ImportedOperation[]): JQuery {
  const noted = operations.filter(({ notes }) => notes.length > 0).length;
  const summary = words('own.operations', { count: operations.length, noted });
  return $('<details>')
    .addClass('tpedm-operations-read')
    .prop('open', operations.length <= FEW)
    .append($('<summary>').text(summary), operations.map(row));
}

function row({ id, name, method, path, outcome, notes }: ImportedOperation): JQuery {
  const head = $('<div>').append(
    $('<span>').addClass(`tpedm-method tpedm-method-${method}`).text(method),
    $('<code>').text(path),
    ' ',
    $('<span>').text(name),
    ' ',
    $('<span>')
      .addClass('tpedm-badge')
      .text(words(`own.outcome.${outcome}`)),
  );
  return $('<div>').addClass('tpedm-read').append(head, copiedId(id), notes.map(noteOf));
}

function noteOf({ place, code, params }: ImportNote): JQuery {
  return $('<div>')
    .addClass('tpedm-warning')
    .text(words(`note.${code}`, params))
    .attr('title', place);
}
