import type { Request } from 'express';
import { jsonIn } from '../../manager/shared/json-bounds.js';
import { isObject } from '../runtime/message-values.js';
import { readBody } from './read-body.js';

const MAX_FORM_LENGTH = 8 * 1024;

/**
 * The fields of a posted form, written by an HTML form or in JSON; null if it is longer than any of our forms or is cut off. Where the
 * editor is at `/`, Node-RED has read every body already; elsewhere the body is read here.
 */
export async function formOf(request: Request): Promise<URLSearchParams | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_FORM_LENGTH) return null;
  if (isObject(request.body)) return fieldsOf(request.body);
  const text = await bodyOf(request);
  if (text === null) return null;
  return request.is('json') ? fieldsOf(jsonIn(text)) : new URLSearchParams(text);
}

async function bodyOf(request: Request): Promise<string | null> {
  const body = await readBody(request, { mostBytes: MAX_FORM_LENGTH });
  if ('text' in body) return body.text;
  // No person fills in a form of this length, so the connection ends.
  request.destroy();
  return null;
}

function fieldsOf(value: unknown): URLSearchParams {
  return new URLSearchParams(isObject(value) ? Object.entries(value).filter(isField) : []);
}

function isField(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === 'string';
}
