import type { BroughtParts, FlowNews } from '../../manager/shared/flow-news.ts';
import { words } from './words.ts';

/** Key under which this browser stores the news that a person closed last. */
const TOLD = 'tpedm-flow-news';

/** Shows people who may change flows what a changed flow lacks of the bundled flow, until they close the notice. */
export function tellFlowNews(): void {
  const news = RED.settings.tpeServerFlowNews as FlowNews | null | undefined;
  if (!news || !RED.user.hasPermission('flows.write')) return;
  const text = JSON.stringify(news);
  if (RED.settings.getLocal(TOLD) === text) return;
  const close = () => {
    RED.settings.setLocal(TOLD, text);
    notice.close();
  };
  const notice = RED.notify(contentOf(news), {
    type: 'success',
    modal: false,
    fixed: true,
    buttons: [
      { text: words('news.close'), class: 'tpedm-news-close', click: close },
      {
        text: words('news.examples'),
        class: 'primary',
        click() {
          close();
          RED.actions.invoke('core:show-examples-import-dialog');
        },
      },
    ],
  });
}

function contentOf({ version, brought }: FlowNews): JQuery {
  const list = $('<ul>').append(...brought.map((one) => $('<li>').text(lineOf(one))));
  return $('<div>')
    .addClass('tpedm-news')
    .append($('<p>').text(words('news.title', { version })), list);
}

function lineOf({ example, pages, nodes }: BroughtParts): string {
  const names = [...pages.map((page) => words('news.page', { page })), ...nodes].join(', ');
  return `${names}: ${example ?? words('news.bundled')}`;
}
