// Parsed by old versions of Node: no syntax younger than 2017 here.

/** The oldest Node that can start the bootstrap; the work itself runs under the Node 24 that npm installs. */
export var OLDEST_NODE = 20;

/** A sentence for a person when this Node is too old, else null. */
export function nodeProblem(version) {
  var major = Number(version.split('.')[0]);
  if (major >= OLDEST_NODE) return null;
  return (
    'Groundcrew needs Node ' +
    OLDEST_NODE +
    ' or newer to start, and this is Node ' +
    version +
    '. Get one from https://nodejs.org'
  );
}
