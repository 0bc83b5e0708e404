import type { Fault } from '../../manager/shared/fault.ts';
import { textIn } from '../fields/checks.ts';
import { FAULT_TEXTS, filledIn } from '../fields/fault-texts.ts';
import { type FieldFault, type Fields, type FieldValues, fault, type Surroundings } from '../fields/field.ts';
import { FIELDS, fieldFault } from '../fields/fields.ts';
import { SERVER_CREDENTIALS } from '../fields/server-fields.ts';
import { chooseOnlyServer } from './only-server.ts';
import { requestFaults } from './request-marks.ts';
import { storedForms } from './stored-forms.ts';

const PACK = '@tpedm/node-red-dashboard-2-tpedm';

interface Property {
  validate?(this: FieldValues, value: unknown, options: object): true | string;
}

/** The part of a node type's definition that is used here. */
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
 * Returns the definition of a node type with validators for its fields. They use the same checks as the runtime, so a faulty node is
 * marked, with the reason, before it is deployed.
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

/** Whether a field has a check of this pack. Other fields keep the checks of the editor, such as a reference to another node. */
function isChecked(fields: Fields, name: string): boolean {
  return fields[name]?.check !== undefined || fields[name]?.blank !== undefined;
}

/** Creates the validator of a field. It has two parameters because the editor shows texts only of such validators. */
function validator(type: string, fields: Fields, name: string, prefix: string): Property['validate'] {
  return function (this: FieldValues, value: unknown, _options: object) {
    const node = { ...valuesOf(this, fields, prefix), [name]: value };
    // The editor does not have a stored password, only this placeholder.
    if (value === '__PWRD__') return true;
    const found = fieldFault(fields, name, node, SURROUNDINGS) ?? catalogueFault(type, name, this);
    return found === null ? true : translateReason(type, fields, name, found);
  };
}

/** A fault that the catalogue finds in a tpe-command. Skips the node whose form is open, because the form shows the faults itself. */
function catalogueFault(type: string, name: string, node: FieldValues): FieldFault | null {
  if (type !== 'tpe-command' || node.id === edited?.id || !['requestBody', 'params', 'path'].includes(name))
    return null;
  const of = ({ in: part }: Fault) =>
    part === 'requestBody' ? 'requestBody' : textIn(node, 'operation') !== '' ? 'params' : 'path';
  const found = requestFaults(node).find((fault) => of(fault) === name);
  return found === undefined ? null : fault('reason', { reason: found.text });
}

/** The values of a node. While its form is open, the values in the form count. */
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
