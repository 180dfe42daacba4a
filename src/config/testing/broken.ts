// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.

/** A broken configuration and everything that is said about it. */
export interface BrokenConfig {
  name: string;
  text: string;
  variables?: Record<string, string>;
  files?: Record<string, string>;
  says: string[];
}

const PROVIDER = 'providers:\n  here:\n    driver: local\n    nodes: [{labels: [jammy]}]\n';

/** Texts of `groundcrew.yaml`. */
export const BROKEN_CONFIGS: readonly BrokenConfig[] = [
  {
    name: 'a misspelled key',
    text: 'providers:\n  here:\n    driver: local\n    nodes:\n      - lables: [jammy]\n',
    says: ['groundcrew.yaml:5:9  providers.here.nodes[0].lables: unknown key. Did you mean "labels"?'],
  },
  {
    name: 'a misspelled section',
    text: `label:\n  jammy: {ready: 1}\n${PROVIDER}`,
    says: ['groundcrew.yaml:1:1  label: unknown key. Did you mean "labels"?'],
  },
  {
    name: 'keys that others call so',
    text: 'providers:\n  here:\n    driver: local\n    nodes:\n      - tags: [jammy]\n        limits: {ram: 2GiB, cpus: 2}\n',
    says: [
      'groundcrew.yaml:5:9  providers.here.nodes[0].tags: unknown key. Did you mean "labels"?',
      'groundcrew.yaml:6:18 providers.here.nodes[0].limits.ram: unknown key. Did you mean "memory"?',
      'groundcrew.yaml:6:29 providers.here.nodes[0].limits.cpus: unknown key. Did you mean "cores"?',
    ],
  },
  {
    name: 'a key that others call so, where nothing is called so here',
    text: `${PROVIDER}ram: 1GiB\n`,
    says: [
      'groundcrew.yaml:5:1  ram: unknown key. Known here: include, labels, providers, preflight, builtin_checks, holds, server, blobs',
    ],
  },
  {
    name: 'a key like no other',
    text: `${PROVIDER}colour: red\n`,
    says: [
      'groundcrew.yaml:5:1  colour: unknown key. Known here: include, labels, providers, preflight, builtin_checks, holds, server, blobs',
    ],
  },
  {
    name: 'no unit',
    text: `labels:\n  jammy: {ready: 1, max_ready_age: 8}\n${PROVIDER}`,
    says: ['groundcrew.yaml:2:36  labels.jammy.max_ready_age: "8" needs a unit: 500ms, 5s, 2m'],
  },
  {
    name: 'no unit, in quotes',
    text: `${PROVIDER}holds:\n  - {project: acme/*, for: "5"}\n`,
    says: ['groundcrew.yaml:6:28  holds[0].for: "5" needs a unit: 500ms, 5s, 2m'],
  },
  {
    name: 'another spelling of a unit',
    text: `${PROVIDER}holds:\n  - {project: acme/*, for: 8 hours}\n`,
    says: ['groundcrew.yaml:6:28  holds[0].for: "8 hours" is no time. Did you mean "8h"?'],
  },
  {
    name: 'a decimal unit of memory',
    text: 'providers:\n  here:\n    driver: local\n    limits: {memory: 4GB}\n    nodes: [{labels: [a]}]\n',
    says: ['groundcrew.yaml:4:22  providers.here.limits.memory: "4GB" is no size. Did you mean "4GiB"?'],
  },
  {
    name: 'no unit of memory',
    text: 'providers:\n  here:\n    driver: local\n    limits: {memory: 4096}\n    nodes: [{labels: [a]}]\n',
    says: ['groundcrew.yaml:4:22  providers.here.limits.memory: "4096" needs a unit: 512MiB, 4GiB'],
  },
  {
    name: 'a time that is none',
    text: `labels:\n  jammy: {max_ready_age: soon}\n${PROVIDER}`,
    says: ['groundcrew.yaml:2:26  labels.jammy.max_ready_age: "soon" is no time; write it like 500ms, 5s, 2m'],
  },
  {
    name: 'a time that is too short',
    text: `${PROVIDER}holds: [{project: a/b, for: 5s}]\n`,
    says: ['groundcrew.yaml:5:29  holds[0].for: "5s" is too short; 1 min is the least'],
  },
  {
    name: 'a service level',
    text: `labels:\n  jammy: {ready: {wait_p95: 5s, max: 40}}\n${PROVIDER}`,
    says: [
      'groundcrew.yaml:2:18  labels.jammy.ready: expected a whole number, the only form yet, not a map; targets such as {wait_p95: 5s, max: 40} come later',
    ],
  },
  {
    name: 'half a machine',
    text: `labels:\n  jammy: {ready: 1.5}\n${PROVIDER}`,
    says: ['groundcrew.yaml:2:18  labels.jammy.ready: expected a whole number, not the number 1.5'],
  },
  {
    name: 'fewer than none',
    text: `labels:\n  jammy: {ready: -1}\n${PROVIDER}`,
    says: ['groundcrew.yaml:2:18  labels.jammy.ready: the number -1 is too small; 0 is the least'],
  },
  {
    name: 'a number in words',
    text: `labels:\n  jammy: {ready: five}\n${PROVIDER}`,
    says: ['groundcrew.yaml:2:18  labels.jammy.ready: expected a whole number, not "five"'],
  },
  {
    name: 'a key twice',
    text: `labels:\n  jammy: {ready: 1}\n  jammy: {ready: 2}\n${PROVIDER}`,
    says: ['groundcrew.yaml:3:3  the key "jammy" is already given on line 2'],
  },
  {
    name: 'a list for a map',
    text: `labels: [jammy]\n${PROVIDER}`,
    says: ['groundcrew.yaml:1:9  labels: expected a map, not a list'],
  },
  {
    name: 'a map for a list',
    text: 'providers:\n  here:\n    driver: local\n    nodes: {labels: [jammy]}\n',
    says: ['groundcrew.yaml:4:12  providers.here.nodes: expected a list, not a map'],
  },
  {
    name: 'a text for a map',
    text: 'providers: local\n',
    says: ['groundcrew.yaml:1:12  providers: expected a map, not "local"'],
  },
  { name: 'a document that is a list', text: '- a\n- b\n', says: ['groundcrew.yaml:1:1  expected a map, not a list'] },
  {
    name: 'a document that is a sentence',
    text: 'hello there\n',
    says: ['groundcrew.yaml:1:1  expected a map, not "hello there"'],
  },
  {
    name: 'no driver',
    text: 'providers:\n  here: {nodes: []}\n',
    says: ['groundcrew.yaml:2:9  providers.here: the key "driver" is missing'],
  },
  {
    name: 'an unknown driver',
    text: 'providers:\n  here: {driver: locla}\n',
    says: ['groundcrew.yaml:2:18  providers.here.driver: "locla" is not known; the only choice is local'],
  },
  {
    name: 'a driver that is not there yet',
    text: 'providers:\n  rax: {driver: openstack, cloud: rax}\n',
    says: ['groundcrew.yaml:2:17  providers.rax.driver: "openstack" is not known; the only choice is local'],
  },
  {
    name: 'a driver that is not there yet, and what else is wrong with its provider',
    text: 'providers:\n  rax:\n    driver: openstack\n    cloud: ${NOPE}\n    limits: {memory: 4GB}\n    nodes:\n      - {labels: a b, boot_timeout: 5, flavor: "${FLAVOR}", limits: {disk: 1}}\n',
    says: [
      'groundcrew.yaml:3:13  providers.rax.driver: "openstack" is not known; the only choice is local',
      'groundcrew.yaml:4:12  providers.rax.cloud: ${NOPE} is not set in the environment. Set it, or give a default: ${NOPE:-default}',
      'groundcrew.yaml:5:22  providers.rax.limits.memory: "4GB" is no size. Did you mean "4GiB"?',
      'groundcrew.yaml:7:18  providers.rax.nodes[0].labels: "a b" is not a label: letters, digits and . _ + / -, beginning with a letter or a digit',
      'groundcrew.yaml:7:37  providers.rax.nodes[0].boot_timeout: "5" needs a unit: 500ms, 5s, 2m',
      'groundcrew.yaml:7:49  providers.rax.nodes[0].flavor: ${FLAVOR} is not set in the environment. Set it, or give a default: ${FLAVOR:-default}',
    ],
  },
  {
    name: 'an unknown driver, and what else is wrong by the one that was meant',
    text: 'providers:\n  here: {driver: locla, isolaton: auto, nodes: [{lables: a}]}\n',
    says: [
      'groundcrew.yaml:2:18  providers.here.driver: "locla" is not known; the only choice is local',
      'groundcrew.yaml:2:25  providers.here.isolaton: unknown key. Did you mean "isolation"?',
      'groundcrew.yaml:2:50  providers.here.nodes[0].lables: unknown key. Did you mean "labels"?',
    ],
  },
  {
    name: 'an unknown isolation',
    text: 'providers:\n  here: {driver: local, isolation: bublewrap, nodes: [{labels: a}]}\n',
    says: [
      'groundcrew.yaml:2:36  providers.here.isolation: "bublewrap" is not one of auto, bubblewrap, unshare, none. Did you mean "bubblewrap"?',
    ],
  },
  {
    name: 'a node type without labels',
    text: 'providers:\n  here: {driver: local, nodes: [{name: a}]}\n',
    says: ['groundcrew.yaml:2:33  providers.here.nodes[0]: the key "labels" is missing'],
  },
  {
    name: 'no label in the list',
    text: 'providers:\n  here: {driver: local, nodes: [{labels: []}]}\n',
    says: ['groundcrew.yaml:2:42  providers.here.nodes[0].labels: is empty; 1 is the least'],
  },
  {
    name: 'a label with a space',
    text: 'providers:\n  here: {driver: local, nodes: [{labels: ["ubuntu jammy"]}]}\n',
    says: [
      'groundcrew.yaml:2:43  providers.here.nodes[0].labels[0]: "ubuntu jammy" is not a label: letters, digits and . _ + / -, beginning with a letter or a digit',
    ],
  },
  {
    name: 'two node types of one name',
    text: 'providers:\n  here:\n    driver: local\n    nodes:\n      - labels: [jammy, x86_64]\n      - labels: [jammy, x86_64]\n        limits: {cores: 2}\n',
    says: [
      'groundcrew.yaml:6:9  providers.here.nodes[1]: is called "jammy-x86_64" like nodes[0]; give one of them another "name"',
    ],
  },
  {
    name: 'a relative mount',
    text: 'providers:\n  here: {driver: local, mounts: [tools], nodes: [{labels: a}]}\n',
    says: ['groundcrew.yaml:2:34  providers.here.mounts[0]: "tools" is not an absolute path'],
  },
  {
    name: 'too little memory',
    text: 'providers:\n  here: {driver: local, nodes: [{labels: a, limits: {memory: 1MiB, processes: 4}}]}\n',
    says: [
      'groundcrew.yaml:2:62  providers.here.nodes[0].limits.memory: "1MiB" is too small; 64.0 MiB is the least',
      'groundcrew.yaml:2:79  providers.here.nodes[0].limits.processes: the number 4 is too small; 16 is the least',
    ],
  },
  {
    name: 'a port that is none',
    text: `${PROVIDER}server: {port: 74200}\n`,
    says: ['groundcrew.yaml:5:16  server.port: the number 74200 is too large; 65535 is the most'],
  },
  {
    name: 'a port out of the environment',
    text: `${PROVIDER}server: {port: "\${PORT}"}\n`,
    variables: { PORT: 'hunter2' },
    says: ['groundcrew.yaml:5:16  server.port: expected a whole number, not the value of ${PORT}'],
  },
  {
    name: 'a variable that is not set',
    text: `${PROVIDER}server:\n  host: 127.0.0.\${LAST}\n`,
    says: [
      'groundcrew.yaml:6:17  server.host: ${LAST} is not set in the environment. Set it, or give a default: ${LAST:-default}',
    ],
  },
  {
    name: 'a reference that is not closed',
    text: `${PROVIDER}server: {host: "\${HOST"}\n`,
    says: ['groundcrew.yaml:5:17  server.host: this ${ is never closed with }'],
  },
  {
    name: 'a reference that is none',
    text: `${PROVIDER}server: {host: "\${my host}"}\n`,
    says: [
      'groundcrew.yaml:5:17  server.host: "${my host}" is not understood: write ${NAME}, ${NAME:-default} or ${file:PATH}, or $${ for a plain ${',
    ],
  },
  {
    name: 'a secret in the wrong form is not shown',
    text: `${PROVIDER}server: {database: "\${DATABASE}"}\n`,
    variables: { DATABASE: 'hunter2' },
    says: [
      'groundcrew.yaml:5:20  server.database: the value of ${DATABASE} is not an address such as postgres://user@host/name',
    ],
  },
  {
    name: 'a secret file that is not there',
    text: `${PROVIDER}server: {database: "\${file:secret/url}"}\n`,
    says: ['groundcrew.yaml:5:21  server.database: cannot read secret/url: there is no such file'],
  },
  {
    name: 'both kinds of blobs',
    text: `${PROVIDER}blobs:\n  directory: /srv\n  s3: {endpoint: "https://s3.example", bucket: b, access_key_id: k, secret_access_key: s}\n`,
    says: ['groundcrew.yaml:6:3  blobs: has both "directory" and "s3"; keep one'],
  },
  {
    name: 'half an object store',
    text: `${PROVIDER}blobs:\n  s3: {endpoint: s3.example, bucket: b}\n`,
    says: [
      'groundcrew.yaml:6:7  blobs.s3: the key "access_key_id" is missing',
      'groundcrew.yaml:6:7  blobs.s3: the key "secret_access_key" is missing',
      'groundcrew.yaml:6:18 blobs.s3.endpoint: "s3.example" is not an address such as https://s3.eu-west-1.amazonaws.com',
    ],
  },
  {
    name: 'a tab',
    text: 'labels:\n\tjammy: {ready: 1}\n',
    says: ['groundcrew.yaml:2:1  a tab is used for indentation; use spaces'],
  },
  {
    name: 'a bracket that is not closed',
    text: 'labels: {jammy: {ready: 1}\nproviders: {}\n',
    says: ['groundcrew.yaml:1:9  this { is never closed, or a line before its } is not indented'],
  },
  {
    name: 'a list that is closed by the wrong bracket',
    text: 'labels: {jammy: [1}\nproviders: {}\n',
    says: ['groundcrew.yaml:1:17  this [ is never closed, or a line before its ] is not indented'],
  },
  {
    name: 'brackets at two places that are not closed',
    text: 'labels:\n  jammy: {ready: 1\n  noble: {ready: 1\nproviders: {}\n',
    says: [
      'groundcrew.yaml:2:10  this { is never closed, or a line before its } is not indented',
      'groundcrew.yaml:3:10  this { is never closed, or a line before its } is not indented',
    ],
  },
  {
    name: 'a bracket that is closed after lines without indentation',
    text: 'labels: {\njammy: {ready: 1},\n}\nproviders: {}\n',
    says: ['groundcrew.yaml:1:9  this { is never closed, or a line before its } is not indented'],
  },
  {
    name: 'a bracket that is not closed and takes in the next lines',
    text: 'labels: {jammy: [1\n  ready: 1\n  noble: 2\n',
    says: ['groundcrew.yaml:1:17  this [ is never closed, or a line before its ] is not indented'],
  },
  {
    name: 'a job file',
    text: 'project: acme/widget\nbuild: ${GIT_COMMIT}\nnodes: jammy\nsteps: [npm test]\n',
    says: [
      'groundcrew.yaml:1:1  this looks like a job file (project, build, nodes, steps), not like a configuration. Submit it: groundcrew job submit groundcrew.yaml',
    ],
  },
  {
    name: 'no space after a colon',
    text: 'labels:\n  jammy:{ready: 1}\n',
    says: [
      'groundcrew.yaml:2:3  labels: "jammy:{ready" is not a label: letters, digits and . _ + / -, beginning with a letter or a digit. Is the space after a colon missing?',
      'groundcrew.yaml:2:17 labels["jammy:{ready"]: expected a map, not "1}"',
    ],
  },
  {
    name: 'a quote that is not closed',
    text: 'server: {host: "here}\n',
    says: ['groundcrew.yaml:1:16  this " is never closed'],
  },
  {
    name: 'an alias of nothing',
    text: `${PROVIDER}holds: *rules\n`,
    says: ['groundcrew.yaml:5:8  there is no anchor &rules above; put text that begins with * in quotes: "*rules"'],
  },
  {
    name: 'an anchor inside itself',
    text: 'labels: &a {jammy: *a}\n',
    says: ['groundcrew.yaml:1:20  *a stands inside its own value'],
  },
  {
    name: 'a tag',
    text: `${PROVIDER}server: {host: !host here}\n`,
    says: ['groundcrew.yaml:5:16  a value that begins with ! is a tag in YAML; put text in quotes: "!host here"'],
  },
  {
    name: 'two documents',
    text: `${PROVIDER}---\n${PROVIDER}`,
    says: ['groundcrew.yaml:5:1  a second document begins here (---); only one is read'],
  },
  {
    name: 'a task without a script',
    text: `${PROVIDER}preflight:\n  - name: git\n  - run: true\n`,
    says: [
      'groundcrew.yaml:6:5  preflight[0]: the key "run" is missing',
      'groundcrew.yaml:7:5  preflight[1]: the key "name" is missing',
      'groundcrew.yaml:7:10 preflight[1].run: expected text, not "true"; put it in quotes: "true"',
    ],
  },
  {
    name: 'an unknown built-in check',
    text: `${PROVIDER}builtin_checks: [disk, clocks]\n`,
    says: [
      'groundcrew.yaml:5:24  builtin_checks[1]: "clocks" is not one of workspace, disk, network, clock. Did you mean "clock"?',
    ],
  },
  {
    name: 'a number that is no text',
    text: `${PROVIDER}holds: [{project: 7, for: 8h}]\n`,
    says: ['groundcrew.yaml:5:19  holds[0].project: expected text, not the number 7; put it in quotes: "7"'],
  },
  {
    name: 'a key with nothing',
    text: `${PROVIDER}server:\n  host:\n`,
    says: ['groundcrew.yaml:6:8  server.host: has no value; give it text, or remove the key'],
  },
  {
    name: 'an include that is not there',
    text: `include: [more.yaml]\n${PROVIDER}`,
    says: ['groundcrew.yaml:1:11  include[0]: cannot read more.yaml: there is no such file'],
  },
  {
    name: 'includes in a circle',
    text: `include: [a.yaml]\n${PROVIDER}`,
    files: { 'a.yaml': 'include: b.yaml\n', 'b.yaml': 'include: [groundcrew.yaml]\n' },
    says: [
      'b.yaml:1:11  include[0]: files include each other in a circle: groundcrew.yaml → a.yaml → b.yaml → groundcrew.yaml',
    ],
  },
  {
    name: 'a label in two files',
    text: `include: [a.yaml]\nlabels:\n  jammy: {ready: 1}\n${PROVIDER}`,
    files: { 'a.yaml': 'labels:\n  jammy: {ready: 2}\nserver: {port: 70000}\n' },
    says: [
      'a.yaml:2:3  labels.jammy: is already given in groundcrew.yaml, line 3',
      'a.yaml:3:16 server.port: the number 70000 is too large; 65535 is the most',
    ],
  },
  {
    name: 'everything at once',
    text: 'labels:\n  jammy: {redy: 5, max_ready_age: 8}\nproviders:\n  here:\n    driver: local\n    isolaton: none\n    nodes:\n      - labels: [jammy]\n        boot_timeout: 10 min\n      - labels: [noble]\n        flavour: big\nserver: {port: none}\n',
    says: [
      'groundcrew.yaml:2:11  labels.jammy.redy: unknown key. Did you mean "ready"?',
      'groundcrew.yaml:2:35  labels.jammy.max_ready_age: "8" needs a unit: 500ms, 5s, 2m',
      'groundcrew.yaml:6:5   providers.here.isolaton: unknown key. Did you mean "isolation"?',
      'groundcrew.yaml:9:23  providers.here.nodes[0].boot_timeout: "10 min" is no time. Did you mean "10m"?',
      'groundcrew.yaml:11:9  providers.here.nodes[1].flavour: unknown key. Known here: name, labels, boot_timeout, preflight, builtin_checks, env, limits, mounts',
      'groundcrew.yaml:12:16 server.port: expected a whole number, not "none"',
    ],
  },
];
