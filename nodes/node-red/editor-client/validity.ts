import { textIn } from '../fields/checks.ts';
import { FAULT_TEXTS, filledIn } from '../fields/fault-texts.ts';
import { type FieldFault, type Fields, type FieldValues, fault, type Surroundings } from '../fields/field.ts';
import { FIELDS, fieldFault } from '../fields/fields.ts';
import { SERVER_CREDENTIALS } from '../fields/server-fields.ts';
import type { Fault } from './model.ts';
import { chooseOnlyServer } from './only-server.ts';
import { requestFaults } from './request-marks.ts';
import { storedForms } from './stored-forms.ts';

const PACK = '@tpedm/node-red-dashboard-2-tpedm';

interface Property {
  validate?(this: FieldValues, value: unknown, options: object): true | string;
}

/** What is used here of what a node type is registered with. */
interface Definition {
  category: string;
  defaults: Record<string, Property & object>;
  credentials?: Record<string, Property & object>;
  oneditprepare?(this: FieldValues): void;
  oneditsave?(this: FieldValues): void;
  oneditcancel?(this: FieldValues): void;
  oneditdelete?(this: FieldValues): void;
}

/** The node whose form is open. */
let edited: FieldValues | null = null;

/**
 * The definition of a node type, whose fields are checked by the model that the runtime refuses by: what is wrong marks the node
 * before it is deployed, and says so.
 */
export function checked(type: string, definition: Definition): Definition {
  const fields = FIELDS[type] ?? {};
  const prefix = definition.category === 'config' ? 'node-config-input' : 'node-input';
  for (const [name, property] of Object.entries(definition.defaults)) {
    if (isChecked(fields, name)) property.validate = validator(type, fields, name, prefix);
  }
  for (const [name, property] of Object.entries(definition.credentials ?? {})) {
    if (isChecked(SERVER_CREDENTIALS, name))
      property.validate = validator(type, SERVER_CREDENTIALS, name, prefix);
  }
  const { oneditprepare, oneditsave, oneditcancel, oneditdelete } = definition;
  const ending = (before: ((this: FieldValues) => void) | undefined) =>
    function (this: FieldValues) {
      before?.call(this);
      edited = null;
    };
  return {
    ...definition,
    defaults: storedForms(type, definition.defaults),
    ...('server' in definition.defaults ? { onadd: chooseOnlyServer } : {}),
    oneditprepare() {
      edited = this;
      oneditprepare?.call(this);
    },
    oneditsave: ending(oneditsave),
    oneditcancel: ending(oneditcancel),
    ...(definition.category === 'config' ? { oneditdelete: ending(oneditdelete) } : {}),
  };
}

/** Without a rule of its own the editor's own checks hold, such as for a node that is referred to. */
function isChecked(fields: Fields, name: string): boolean {
  return fields[name]?.check !== undefined || fields[name]?.blank !== undefined;
}

/** Of two parameters: only such a validator may answer with a text. */
function validator(type: string, fields: Fields, name: string, prefix: string): Property['validate'] {
  return function (this: FieldValues, value: unknown, _options: object) {
    const node = { ...valuesOf(this, fields, prefix), [name]: value };
    // A password that is stored is not known here.
    if (value === '__PWRD__') return true;
    const found = fieldFault(fields, name, node, SURROUNDINGS) ?? catalogueFault(type, name, this);
    return found === null ? true : translateReason(type, fields, name, found);
  };
}

/** While its form is open, that says what the catalogue has against a command, place by place. */
function catalogueFault(type: string, name: string, node: FieldValues): FieldFault | null {
  if (type !== 'tpe-command' || node.id === edited?.id || !['requestBody', 'params', 'path'].includes(name))
    return null;
  const of = ({ in: part }: Fault) =>
    part === 'requestBody' ? 'requestBody' : textIn(node, 'operation') !== '' ? 'params' : 'path';
  const found = requestFaults(node).find((fault) => of(fault) === name);
  return found === undefined ? null : fault('reason', { reason: found.text });
}

/** While its form is open, what that says counts. */
function valuesOf(node: FieldValues, fields: Fields, prefix: string): FieldValues {
  if (node !== edited) return node;
  const shown = [...Object.keys(fields), 'registry'].flatMap((name) => {
    const input = $(`#${prefix}-${name}`);
    return input.length === 0 ? [] : [[name, input.val()] as const];
  });
  return { ...node, ...Object.fromEntries(shown) };
}

function translateReason(type: string, fields: Fields, name: string, { rule, values }: FieldFault): string {
  const key = `${PACK}/tpe-server:tpe-server.fault.${rule}`;
  const text = RED._(key, values as Record<string, unknown>);
  const [label] = fields[name]!.label;
  const told = text === key ? filledIn(FAULT_TEXTS[rule], values) : text;
  return `${RED._(`${PACK}/${type}:${type}.label.${label}`)}: ${told}`;
}

const SURROUNDINGS: Surroundings = {
  get given() {
    const given = RED.settings.tpeServerGiven;
    return Array.isArray(given) ? new Set(given.map(String)) : null;
  },
  expressionFault(type, expression) {
    try {
      if (type === 'jsonata') {
        jsonata(expression);
        return null;
      }
      const key = type === 'msg' ? expression : (/^#:\(.+?\)::(.*)$/s.exec(expression)?.[1] ?? expression);
      const valid = RED.utils.validatePropertyExpression(key, {});
      return valid === true ? null : String(valid);
    } catch (error) {
      return error instanceof Error
        ? error.message
        : String((error as { message?: unknown }).message ?? error);
    }
  },
};
