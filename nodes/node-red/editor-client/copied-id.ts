import { words } from './words.ts';

/** An id as selectable text with a button that copies it, because flows and REST refer to an operation by its id. */
export function copiedId(id: string): JQuery {
  const button = $('<button type="button">')
    .addClass('red-ui-button red-ui-button-small tpedm-copy-id')
    .attr({ title: words('label.copyId'), 'aria-label': `${words('label.copyId')}: ${id}` })
    .append($('<i>').addClass('fa fa-clipboard'));
  button.on('click', () => {
    RED.clipboard.copyText(id, button, words('label.copied'));
  });
  return $('<span>').addClass('tpedm-id').append($('<code>').text(id), ' ', button);
}
