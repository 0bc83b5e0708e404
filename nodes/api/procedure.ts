import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import type { AuditAction } from '../manager/audit/audited.js';
import type { MqttSettings } from '../manager/broker/gateway-settings.js';
import type { OperationSet } from '../manager/catalogue/operation-set.js';
import type { DeviceManager } from '../manager/device-manager.js';
import type { Role } from '../manager/shared/role.js';
import { parser } from '../manager/shared/validate.js';
import type { Caller } from './caller.js';
import type { Change, Changes } from './changes.js';
import type { Patch } from './patch.js';

/** One thing that can be asked, through whichever face: to read something, or to do something. */
export interface Procedure<Input, Answer> {
  /** The role that it takes; null: none, everybody may call it. */
  role: Role | null;
  /** The role that this input takes, where that is more than `role`. */
  roleFor?(manager: DeviceManager, input: Input): Role;
  /** The input, as JSON Schema. */
  input: object;
  /** Throws INVALID_INPUT for input that is far too large; called before the schema is checked. */
  refuseTooLarge?(input: Input): void;
  /** INVALID_INPUT. */
  parse(input: unknown): Input;
  /** Rejects with a TpeError, whose message is shown to the person. */
  handler(manager: DeviceManager, input: Input, caller: Caller): Promise<Answer>;
  /** Whether a change may have changed the result; left out: it cannot be subscribed to. */
  invalidatedBy?(change: Change, input: Input): boolean;
  /** How who follows it is told what is new in it; left out: it is answered anew, as a whole. */
  patches?: Patches<Input, Answer>;
  /** It is expensive: each person has one of these at a time, and all people together a few. */
  isCostly?: boolean;
  /** The entry for the audit; left out: it only reads. Null: with this input it only reads. */
  audit?(input: Input, manager: DeviceManager): AuditAction | null;
  /** It can be answered before a manager is open; left out: there has to be one. */
  needs?: 'catalogue';
}

/** How an answer that is a page of items is kept true for less than it takes to read it anew. */
export interface Patches<Input, Answer> {
  /** Whether there may be other items on the page now, or the same in another order: then it is read anew. */
  isOutdated(changes: Changes, input: Input): boolean;
  /** What is new, for all who follow it at once, in their order: what several need is read once. */
  patchesFor(manager: DeviceManager, followed: readonly FollowedPage<Input, Answer>[]): Promise<Patch[]>;
}

/** A page as somebody has it who follows it. */
export interface FollowedPage<Input, Answer> {
  input: Input;
  last: Answer;
  /** Since then, and some that were before. */
  changes: Changes;
}

/** What is known before a manager is open: enough to pick an operation, and to fill in a command. */
export interface KnownBefore {
  /** What came with the pack, until a manager knows the users' own operations beside it. */
  catalogue: OperationSet;
  mqttSettings(): Pick<MqttSettings, 'inputTopic'>;
}

/** One that needs no more than that. It only reads. */
export interface CatalogueProcedure<Input, Answer> extends Procedure<Input, Answer> {
  needs: 'catalogue';
  handler(known: KnownBefore, input: Input): Promise<Answer>;
  roleFor?: never;
  audit?: never;
}

type InputOf<Schema> = Schema extends JSONSchema ? FromSchema<Schema> : never;

interface Definition<Schema, Answer> extends Omit<Procedure<InputOf<Schema>, Answer>, 'parse' | 'input'> {
  input: Schema;
}

/** Makes a procedure whose input is described by a JSON Schema. */
export function defineProcedure<const Schema extends object, Answer>(
  definition: Definition<Schema, Answer>,
): Procedure<InputOf<Schema>, Answer> {
  return { ...definition, parse: parser<InputOf<Schema>>(definition.input, 'input') };
}

type CatalogueDefinition<Schema, Answer> = Omit<
  CatalogueProcedure<InputOf<Schema>, Answer>,
  'parse' | 'input' | 'needs'
> & { input: Schema };

/** The same for one that needs only the catalogue. */
export function defineCatalogueProcedure<const Schema extends object, Answer>(
  definition: CatalogueDefinition<Schema, Answer>,
): CatalogueProcedure<InputOf<Schema>, Answer> {
  return { ...definition, needs: 'catalogue', parse: parser<InputOf<Schema>>(definition.input, 'input') };
}
