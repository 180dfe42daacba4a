/**
 * Which suite a test case belongs to. One rule for all writers, so that the same file always gives the same names:
 *
 * 1. Without a class name: the names of the enclosing test suites, joined by `/`.
 * 2. Node's own reporter (class name `test`, or the enclosing suites joined by `.`): the same, which are the
 *    `describe` blocks.
 * 3. A class name equal to the test's own name (jest-junit as it comes): the innermost test suite.
 * 4. A class name that is the last part of the innermost test suite's path (Go writers with short names): that path.
 * 5. Else the class name: pytest, Gradle, Surefire, GoogleTest, gotestsum, Playwright, vitest.
 *
 * Suites named `undefined` (jest-junit without `describe`) count as unnamed.
 */
export function suiteName(chain: readonly string[], classname: string, name: string): string {
  const innermost = chain[chain.length - 1] ?? '';
  if (classname === '' || isNodeCase(chain, classname))
    return chain.length > 1 ? chain.join('/') : innermost || classname;
  if (classname === name && innermost !== '') return innermost;
  if (innermost.length > classname.length && innermost.endsWith(`/${classname}`)) return innermost;
  return classname;
}

/** Does it look like a class name of Node's own reporter? */
function isNodeCase(chain: readonly string[], classname: string): boolean {
  if (classname === 'test') return true;
  return chain.length > 1 ? classname === chain.join('.') : false;
}
