#!/usr/bin/env node
// Only syntax that old versions of Node parse, so that they can say what is wrong.
import('../tools/bootstrap/version.mjs').then((version) => {
  var problem = version.nodeProblem(process.versions.node);
  if (problem) {
    console.error(problem);
    process.exit(1);
  }
  return import('../tools/bootstrap/program.mjs').then((program) =>
    program.runProgram('groundcrew', process.argv.slice(2)),
  );
});
