import { signsOf } from '../../manager/catalogue/risk.ts';
import { copiedId } from './copied-id.ts';
import type { Operation } from './model.ts';
import { riskBadge } from './operation-picker.ts';
import { task } from './task-words.ts';
import { words } from './words.ts';

/** Describes the picked operation: name, method and path, id, risk, models. `operation` is null if the catalogue has none with this id. */
export function operationSummary(operation: Operation | null, id: string): JQuery[] {
  if (operation === null) return [line(words('error.unknownOperation', { id })).addClass('tpedm-fault')];
  const { method, path, models } = operation;
  return [
    line(task(operation)).addClass('tpedm-title').append(riskBadge(operation)),
    $('<div>').append($('<code>').text(`${method} ${path}`)),
    $('<div>').append(
      $('<span>')
        .addClass('tpedm-quiet')
        .text(`${words('label.operationId')}: `),
      copiedId(operation.id),
    ),
    ...notesOf(operation).map(line),
    ...(models.length === 0
      ? []
      : [line(words('label.models', { models: models.join(', ') })).addClass('tpedm-quiet')]),
  ];
}

function notesOf(operation: Operation): string[] {
  const { risk, refusedBecause: reason } = operation;
  const signs = signsOf(operation).map((sign) =>
    words(sign === risk ? `riskMeans.${sign}` : `riskClass.${sign}`),
  );
  return reason === null ? signs : [...signs, words('label.refused', { reason })];
}

function line(text: string): JQuery {
  return $('<div>').text(text);
}
