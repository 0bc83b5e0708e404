import type { Rating } from '../../manager/catalogue/risk.ts';
import type { Fault } from '../../manager/shared/fault.ts';
import { faultInWords, faultLine } from './fault-words.ts';
import { words } from './words.ts';

/** The answer of the route `tpe/check`. */
export interface Checked extends Rating {
  faults: Fault[];
  /** The message that would be published; null if the command cannot be sent as it is. */
  message: { topic: string; payload: string } | null;
}

/** Shows the faults next to their fields, and the message that would be sent. */
export function showChecked({ faults, message }: Checked): void {
  showFaults(faults);
  const text = message === null ? words('label.noPreview') : `${message.topic}\n${message.payload}`;
  $('#tpe-command-preview').text(text);
}

/** Faults without a field of their own are listed below the form. */
function showFaults(faults: readonly Fault[]): void {
  $('.tpedm-row > .tpedm-body > .tpedm-fault').text('');
  $('.tpedm-row').removeClass('tpedm-faulty');
  const others = faults.filter((fault) => !showAtField(fault));
  const summary = faults.length === 0 ? '' : words('label.faults', { count: faults.length });
  $('#tpe-command-faults')
    .empty()
    .append($('<div>').text(summary), ...others.map((fault) => $('<div>').text(faultLine(fault))));
}

/** Returns false if the form has no field for the fault. */
function showAtField(fault: Fault): boolean {
  const place = `/${fault.in}${fault.path}`;
  const row = $('.tpedm-row').filter((_index, element) => element.dataset.place === place);
  const text = row.children('.tpedm-body').children('.tpedm-fault');
  if (row.length === 0 || text.length === 0 || fault.path === '') return false;
  row.addClass('tpedm-faulty');
  text.text(faultInWords(fault));
  return true;
}
