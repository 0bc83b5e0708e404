/** A request as TPEDM writes it, with its placeholders. */
export function tpedmRequest(method: string, path: string, requestBody: unknown = {}) {
  return {
    path,
    method,
    headers: [{ 'request-expired-time': '{expired-time}' }, { 'request-id': '{request-id}' }],
    requestBody,
  };
}

/** By category: name and command. */
type Operations = Record<string, [string, object][]>;

/** Some of what TPEDM's own command.json has, two of them with the bodies that must not be sent as they are. */
const TPEDM_OPERATIONS: Operations = {
  'Software Management': [
    ['GET one /upgrades', tpedmRequest('GET', '/upgrades/{id}')],
    [
      'SET upgrade configuration',
      tpedmRequest('PATCH', '/system/upgrade', {
        allowOverCellular: true,
        enableClientAuth: false,
        enableSnapshot: false,
        retryCount: 0,
        retryInterval: 0,
        targetDiskName: 'string',
      }),
    ],
  ],
  'Device Maintenance': [
    ['Reboot device now', tpedmRequest('PUT', '/system/reboot', { now: true })],
    ['Reset to Factory Default', tpedmRequest('PUT', '/system/reset-default?mode=factory')],
    ['Reset to System Default', tpedmRequest('PUT', '/system/reset-default?mode=system&scopes=all')],
  ],
};

/** What a team wrote into its command.json. */
const TEAM_OPERATIONS: Operations = {
  'Device Maintenance': [
    // TPEDM's own, with another body.
    ['Reboot device now', tpedmRequest('PUT', '/system/reboot', { now: true, force: true })],
  ],
  Pumps: [
    ['Stop all pumps', tpedmRequest('PUT', '/pumps/all/stop?mode=soft', { delay: 5 })],
    ['One pump', tpedmRequest('GET', '/api/v1/pumps/{pumpId}?detail={detail}')],
  ],
};

/** A file of the form of TPEDM's command.json: as it came with TPEDM, or with what a team added. */
export function commandJson({ team }: { team: boolean }): string {
  const parts = team ? [TPEDM_OPERATIONS, TEAM_OPERATIONS] : [TPEDM_OPERATIONS];
  const category = parts.flatMap((part) =>
    Object.entries(part).map(([name, operations]) => ({
      name,
      operation: operations.map(([operation, command]) => ({ name: operation, command })),
    })),
  );
  return JSON.stringify({ category });
}

/** OpenAPI 3.0. */
export const OPENAPI_30 = {
  openapi: '3.0.3',
  info: { title: 'Pumps', version: '1' },
  servers: [{ url: 'https://192.0.2.1:8443/api/v1/station' }],
  paths: {
    '/pumps/{pump_id}': {
      parameters: [{ $ref: '#/components/parameters/PumpId' }],
      get: {
        operationId: 'getPump',
        summary: 'One pump',
        description: 'Long words that nobody keeps.',
        tags: ['Pumps', 'other'],
        parameters: [
          { name: 'detail', in: 'query', schema: { type: 'boolean' } },
          { name: 'X-Trace', in: 'header', schema: { type: 'string' } },
        ],
        responses: {
          '200': { content: { 'application/json': { schema: { $ref: '#/components/schemas/Pump' } } } },
        },
      },
      put: {
        operationId: 'setPump',
        requestBody: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Pump' } } },
        },
        responses: {},
      },
      delete: { operationId: 'dropPump', summary: 'x'.repeat(150), tags: ['Pumps'] },
    },
    '/pumps/import': {
      post: {
        operationId: 'importPumps',
        requestBody: { content: { 'multipart/form-data': { schema: {} } } },
      },
      head: { operationId: 'probe' },
    },
    '/../auth/login': { post: { operationId: 'escape' } },
  },
  components: {
    parameters: {
      PumpId: { name: 'pump_id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } },
    },
    schemas: {
      Pump: {
        type: 'object',
        required: ['id', 'speed'],
        description: 'A pump.',
        properties: {
          id: { type: 'integer', readOnly: true },
          speed: {
            type: 'number',
            title: 'Speed',
            minimum: 0,
            exclusiveMinimum: true,
            nullable: true,
            example: 3,
            default: 10,
          },
          next: { $ref: '#/components/schemas/Pump' },
        },
      },
    },
  },
};

/** OpenAPI 3.1, as YAML. */
export const OPENAPI_31 = `openapi: 3.1.0
info: {title: Valves, version: "1"}
paths:
  /valves:
    post:
      summary: New valve
      requestBody:
        content:
          application/json; charset=utf-8:
            schema:
              type: object
              properties:
                name: {type: [string, "null"], maxLength: 20}
                kind: {const: ball}
                speed: {type: number, exclusiveMinimum: 0}
            examples:
              one: {value: {name: north, kind: ball, speed: 1.5}}
      responses:
        "201": {description: made}
`;
