import type { Operation } from '../catalogue/operation.js';
import { indexOperations } from '../catalogue/operation-index.js';
import { OPERATIONS } from '../catalogue/operations.js';

export type Json = Record<string, unknown>;

/** What the catalogue says about one path of TPE's API. All gateways share it, so nothing may change it. */
export interface ResourceTemplate {
  /** With placeholders, such as `/device/serials/{id}`. */
  path: string;
  methods: Map<string, Operation>;
  /** True for an item of the collection at the parent path. */
  isItem: boolean;
  isList: boolean;
  /** The key by which items of the collection are identified. */
  idKey: string;
  /** True if an answer has the value itself as its payload, and not under `data`. */
  isBare: boolean;
  /** The value on a new gateway; undefined where the catalogue has no example. */
  initial: unknown;
}

/** The generation of the API: AIG-302 has its own, all other gateways have TPE's. */
export type GatewayApiKind = 'tpe' | 'aig-302';

const TEMPLATES = buildTemplates();
const findAny = indexOperations(OPERATIONS.map((operation) => ({ ...operation, method: 'ANY' })));

/** Finds the template of a path without a query, such as `/device/serials/2`; null where the API has no such path. */
export function templateOf(path: string): ResourceTemplate | null {
  const [operation] = findAny('ANY', path);
  return operation === undefined ? null : (TEMPLATES.get(operation.path) ?? null);
}

/** Whether gateways of this kind have the operation. */
export function isOffered(operation: Operation, kind: GatewayApiKind): boolean {
  const is302 = (model: string) => model.startsWith('AIG-302');
  return kind === 'aig-302' ? operation.models.some(is302) : operation.models.some((model) => !is302(model));
}

/** The path without its last level: `/device/serials` for `/device/serials/2`. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function buildTemplates(): Map<string, ResourceTemplate> {
  const templates = new Map<string, ResourceTemplate>();
  for (const operation of OPERATIONS) {
    const template = templates.get(operation.path) ?? emptyTemplate(operation.path);
    templates.set(operation.path, template);
    if (!template.methods.has(operation.method)) template.methods.set(operation.method, operation);
  }
  for (const template of templates.values()) readExample(template);
  for (const template of templates.values()) joinCollection(template, templates.get(parentOf(template.path)));
  return templates;
}

function emptyTemplate(path: string): ResourceTemplate {
  return {
    path,
    methods: new Map(),
    isItem: false,
    isList: false,
    idKey: 'id',
    isBare: false,
    initial: undefined,
  };
}

function readExample(template: ResourceTemplate): void {
  const example = template.methods.get('GET')?.answerExample;
  if (example === undefined || example === null) return;
  template.isBare = Array.isArray(example) || !('data' in (example as object));
  template.initial = template.isBare ? example : (example as Json).data;
  template.isList = Array.isArray(template.initial);
}

function joinCollection(item: ResourceTemplate, collection: ResourceTemplate | undefined): void {
  const placeholder = /\{(\w+)\}$/.exec(item.path)?.[1];
  // A placeholder after a placeholder is an action on an item, such as `/upgrades/{id}/{action}`, and no item.
  if (placeholder === undefined || collection === undefined || collection.path.endsWith('}')) return;
  item.isItem = true;
  item.idKey = placeholder;
  collection.isList = true;
  collection.idKey = placeholder;
  if (!Array.isArray(collection.initial)) {
    collection.initial = item.initial === undefined ? [] : [item.initial];
    collection.isBare = false;
  }
}
