import { type FoundBy, findOperations } from '../../manager/catalogue/find-operations.ts';
import { type Rating, signsOf } from '../../manager/catalogue/risk.ts';
import type { ShortOperation } from './model.ts';
import { categoryTitle, task } from './task-words.ts';
import { words } from './words.ts';

type Listed = ShortOperation & FoundBy;

export interface OperationPicker {
  element: JQuery;
  /** Replaces the operations that can be picked. */
  fill(operations: readonly ShortOperation[]): void;
}

/** A list of operations with category and search above it. A person picks by mouse, or by arrow keys and Enter. */
export function operationPicker(onPick: (id: string) => void): OperationPicker {
  let all: readonly Listed[] = [];
  let shown: Listed[] = [];
  let active = 0;

  const category = $('<select>').attr('aria-label', words('label.category'));
  const search = $('<input type="text" autocomplete="off">').attr({
    role: 'combobox',
    'aria-controls': 'tpe-command-operations',
    'aria-expanded': 'true',
    'aria-label': words('placeholder.search'),
    placeholder: words('placeholder.search'),
    id: 'tpe-command-search',
  });
  const list = $('<div>')
    .addClass('tpedm-operations')
    .attr({
      role: 'listbox',
      id: 'tpe-command-operations',
      'aria-label': words('label.operation'),
    });
  const element = $('<div>')
    .addClass('tpedm-picker')
    .append($('<div>').addClass('tpedm-picker-head').append(category, search), list);

  function show(): void {
    const chosen = String(category.val() ?? '');
    const among = chosen === '' ? all : all.filter((operation) => operation.category === chosen);
    shown = findOperations(among, String(search.val() ?? ''));
    active = 0;
    list.empty().append(shown.map(row));
    if (shown.length === 0) $('<div>').addClass('tpedm-quiet').text(words('error.noneFound')).appendTo(list);
    mark();
  }

  function row(operation: Listed, index: number): JQuery {
    const { task, method, path, risk, classes = [], refusedBecause, source } = operation;
    const option = $('<div>')
      .addClass('tpedm-operation')
      .attr({ role: 'option', id: `tpe-command-option-${index}`, title: `${method} ${path}` });
    $('<span>').addClass(`tpedm-method tpedm-method-${method}`).text(method).appendTo(option);
    $('<span>').addClass('tpedm-name').text(task).appendTo(option);
    if (source === 'own') $('<span>').addClass('tpedm-badge').text(words('label.own')).appendTo(option);
    if (refusedBecause !== undefined) {
      option.addClass('tpedm-refused').attr('aria-disabled', 'true');
      option.attr('title', words('label.refused', { reason: refusedBecause }));
    } else if (risk !== 'read') riskBadge({ risk, classes }).appendTo(option);
    return option.on('click', () => pick(index));
  }

  function pick(index: number): void {
    const operation = shown[index];
    if (operation !== undefined && operation.refusedBecause === undefined) onPick(operation.id);
  }

  function mark(): void {
    list.children().removeClass('tpedm-active').removeAttr('aria-selected');
    const option = list.children().eq(active).addClass('tpedm-active').attr('aria-selected', 'true');
    search.attr('aria-activedescendant', option.attr('id') ?? '');
    option[0]?.scrollIntoView({ block: 'nearest' });
  }

  function move(by: number): void {
    active = Math.min(Math.max(active + by, 0), Math.max(shown.length - 1, 0));
    mark();
  }

  const KEYS: Record<string, () => void> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => move(8),
    PageUp: () => move(-8),
    Enter: () => pick(active),
  };
  search.on('keydown', (event) => {
    const act = KEYS[event.key ?? ''];
    if (act === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  search.on('input', show);
  category.on('change', show);

  return {
    element,
    fill(operations) {
      all = operations.map((one) => ({
        ...one,
        task: task(one),
        categoryTitle: categoryTitle(one.category),
      }));
      const counts = new Map<string, number>();
      for (const one of operations) counts.set(one.category, (counts.get(one.category) ?? 0) + 1);
      category.empty();
      const option = (value: string, text: string, count: number) =>
        $('<option>').val(value).text(`${text} (${count})`).appendTo(category);
      option('', words('label.all'), operations.length);
      for (const [name, count] of counts) option(name, categoryTitle(name), count);
      show();
    },
  };
}

/** The most important risk of an operation, as a coloured word. */
export function riskBadge(rating: Rating): JQuery {
  const { risk } = rating;
  const [sign = risk] = signsOf(rating);
  const isRisk = sign === risk;
  return $('<span>')
    .addClass(`tpedm-badge tpedm-risk-${risk}`)
    .attr('title', words(isRisk ? `riskMeans.${sign}` : `riskClass.${sign}`))
    .text(words(isRisk ? `risk.${sign}` : `riskClassName.${sign}`));
}
