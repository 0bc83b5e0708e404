import { openApiText } from './open-api.js';
import { defineRoute, type Route } from './route.js';

/** The route that returns the OpenAPI document of all `routes`, including itself. */
export function documentRoute(routes: () => readonly Route[]): Route {
  let text: string | undefined;
  return defineRoute({
    method: 'GET',
    path: '/openapi.json',
    operationId: 'getDocument',
    tag: 'Document',
    summary: 'Read this document',
    role: 'viewer',
    file: ['application/json'],
    async answer() {
      // The text is kept because it never changes while Node-RED runs.
      text ??= openApiText(routes());
      return { file: text, type: 'application/json; charset=utf-8', name: 'openapi.json' };
    },
  });
}
