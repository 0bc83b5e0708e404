import { chooseOnlyServer } from './only-server.ts';
import { storedForms } from './stored-forms.ts';

const PACK = '@tpedm/node-red-dashboard-2-tpedm';
const TEXTS = `${PACK}/tpe-server:tpe-server.widget`;

export interface WidgetOptions {
  inputs: 0 | 1;
  outputs: 0 | 1;
  /** `group` for a widget in a group of a page, `ui` for one on all pages of a dashboard. Default `group`. */
  place?: 'group' | 'ui';
}

/** Registers a widget of the dashboard in the editor. All widgets have the same form. */
export function registerWidget(type: string, { inputs, outputs, place = 'group' }: WidgetOptions): void {
  const name = () => RED._(`${PACK}/${type}:${type}.label.palette`);
  addForm(type, place);
  RED.nodes.registerType(type, {
    category: RED._(`${TEXTS}.category`),
    color: '#C0DEED',
    paletteLabel: name,
    onadd: chooseOnlyServer,
    defaults: storedForms(type, {
      name: { value: '' },
      server: { type: 'tpe-server', required: true },
      ...(place === 'group'
        ? {
            group: { type: 'ui-group', required: true },
            width: { value: 0 },
            height: { value: 0 },
            order: { value: 1 },
          }
        : { ui: { type: 'ui-base', required: true } }),
    }),
    inputs,
    outputs,
    icon: `${type}.svg`,
    inputLabels: () => RED._(`${PACK}/${type}:${type}.label.input`),
    outputLabels: () => RED._(`${PACK}/${type}:${type}.label.output`),
    label(this: { name: string }) {
      return this.name || name();
    },
    labelStyle(this: { name: string }) {
      return this.name ? 'node_label_italic' : '';
    },
    oneditprepare() {
      // The dashboard brings this control, so it is missing if the dashboard is not installed.
      if (place === 'ui' || !$.fn.elementSizer) return;
      $(`#${type}-size`).elementSizer({
        width: '#node-input-width',
        height: '#node-input-height',
        group: '#node-input-group',
      });
    },
  });
}

/** Adds the form to the page, where the editor looks for it by the type of the node. */
function addForm(type: string, place: 'group' | 'ui'): void {
  const rows = [
    row('name', 'tag', 'node-red:common.label.name', '<input type="text" id="node-input-name">'),
    row('server', 'server', `${TEXTS}.server`, '<input type="text" id="node-input-server">'),
    ...(place === 'group'
      ? [
          row('group', 'table', `${TEXTS}.group`, '<input type="text" id="node-input-group">'),
          row(
            'size',
            'object-group',
            `${TEXTS}.size`,
            `<input type="hidden" id="node-input-width"><input type="hidden" id="node-input-height">
             <button type="button" class="editor-button" id="${type}-size"></button>`,
          ),
          row(
            'order',
            'sort-numeric-asc',
            `${TEXTS}.order`,
            '<input type="number" min="0" id="node-input-order" style="width: 80px;">',
          ),
        ]
      : [row('ui', 'sitemap', `${TEXTS}.ui`, '<input type="text" id="node-input-ui">')]),
  ];
  $('<script type="text/html">').attr('data-template-name', type).html(rows.join('')).appendTo(document.body);
}

function row(field: string, icon: string, text: string, input: string): string {
  return `<div class="form-row"><label for="node-input-${field}"><i class="fa fa-${icon}"></i>
    <span data-i18n="${text}"></span></label>${input}</div>`;
}
