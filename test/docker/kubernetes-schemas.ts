// Kubernetes' own kinds come with their schemas in kubernetes-models. Those of the two operators are written here from
// their API references (EMQX operator 2.2: apps.emqx.io/v2beta1; CloudNativePG 1.25: postgresql.cnpg.io/v1), as far as
// docker/kubernetes uses them: a field that is not here is taken for a mistake.
const text = { type: 'string', minLength: 1 } as const;
const count = { type: 'integer', minimum: 0 } as const;
const any = { type: 'object' } as const;
const list = (items: object) => ({ type: 'array', items, minItems: 1 });

function object(properties: Record<string, object>, required: string[] = []) {
  return { type: 'object', properties, required, additionalProperties: false };
}

const keyRef = object({ secretName: text, secretKey: { type: 'string', pattern: '^[a-zA-Z0-9_-]+$' } }, [
  'secretName',
  'secretKey',
]);
const nodeSpec = object({
  replicas: count,
  minAvailable: count,
  ports: list(object({ name: text, containerPort: count }, ['containerPort'])),
  resources: any,
  podSecurityContext: any,
  containerSecurityContext: any,
  topologySpreadConstraints: list(any),
  volumeClaimTemplates: object({ accessModes: list(text), resources: any }),
  extraVolumes: list(any),
  extraVolumeMounts: list(
    object({ name: text, mountPath: text, subPath: text, readOnly: { type: 'boolean' } }, [
      'name',
      'mountPath',
    ]),
  ),
});

const EMQX_SPEC = object(
  {
    image: text,
    imagePullPolicy: { enum: ['Always', 'Never', 'IfNotPresent'] },
    bootstrapAPIKeys: list(
      object({ secretRef: object({ key: keyRef, secret: keyRef }, ['key', 'secret']) }, ['secretRef']),
    ),
    config: object({ data: text, mode: { enum: ['Merge', 'Replace'] } }),
    coreTemplate: object({ spec: nodeSpec }),
    listenersServiceTemplate: object({ enabled: { type: 'boolean' } }),
  },
  ['image'],
);

const secretName = object({ name: text }, ['name']);
const CLUSTER_SPEC = object(
  {
    instances: { type: 'integer', minimum: 1 },
    imageName: text,
    enableSuperuserAccess: { type: 'boolean' },
    bootstrap: object({
      initdb: object({
        database: text,
        owner: text,
        secret: secretName,
        encoding: text,
        postInitSQL: list(text),
        postInitApplicationSQL: list(text),
      }),
    }),
    managed: object({
      roles: list(
        object(
          {
            name: text,
            comment: text,
            ensure: { enum: ['present', 'absent'] },
            login: { type: 'boolean' },
            inherit: { type: 'boolean' },
            superuser: { type: 'boolean' },
            createdb: { type: 'boolean' },
            createrole: { type: 'boolean' },
            replication: { type: 'boolean' },
            connectionLimit: count,
            inRoles: list(text),
            passwordSecret: secretName,
          },
          ['name'],
        ),
      ),
    }),
    postgresql: object({ parameters: { type: 'object', additionalProperties: text } }),
    storage: object({ size: { type: 'string', pattern: '^[0-9]+[MGT]i$' } }, ['size']),
    resources: any,
    affinity: object({ enablePodAntiAffinity: { type: 'boolean' }, topologyKey: text }),
  },
  ['instances', 'storage'],
);

function resource(spec: object) {
  return object({ apiVersion: text, kind: text, metadata: object({ name: text }, ['name']), spec }, [
    'metadata',
    'spec',
  ]);
}

/** By `apiVersion kind`. */
export const OPERATOR_SCHEMAS: Record<string, object> = {
  'apps.emqx.io/v2beta1 EMQX': resource(EMQX_SPEC),
  'postgresql.cnpg.io/v1 Cluster': resource(CLUSTER_SPEC),
  'kustomize.config.k8s.io/v1beta1 Kustomization': object({
    apiVersion: text,
    kind: text,
    namespace: text,
    resources: list(text),
    images: list(object({ name: text, newName: text, newTag: text }, ['name', 'newTag'])),
  }),
};
