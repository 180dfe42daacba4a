// Runs on any Node: only syntax that old versions parse, so that they can say what is wrong instead of failing on a token.
import('./bootstrap/version.mjs').then((version) => {
  var problem = version.nodeProblem(process.versions.node);
  if (problem) {
    console.error(problem);
    process.exit(1);
  }
  return import('./bootstrap/main.mjs').then((main) => main.run(process.argv.slice(2)));
});
