// What an editor shows where somebody points at a row: its columns, not what the types are made of.
import ts from 'typescript6'
import { expect, test } from 'vitest'

test('rows and keys are shown by their columns', () => {
  const file = 'test/orm/types/hovered.ts'
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile('tsconfig.test.json', (name) => ts.sys.readFile(name)).config, ts.sys, process.cwd())
  const program = ts.createProgram([file], { ...options, noEmit: true })
  const checker = program.getTypeChecker()
  const shown: string[] = []
  for (const statement of program.getSourceFile(file)!.statements) {
    const named = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0] : ts.isTypeAliasDeclaration(statement) ? statement : undefined
    if (named && ts.canHaveModifiers(statement) && ts.getModifiers(statement)) shown.push(`${named.name.getText()}: ${checker.typeToString(checker.getTypeAtLocation(named.name), undefined, ts.TypeFormatFlags.NoTruncation)}`)
  }
  expect(shown).toMatchInlineSnapshot(`
    [
      "user: { id: string; email: string; name: string | null; home: { street: string | null; number: number | null; } | null; team: string | null; } | undefined",
      "nested: { id: string; email: string; name: string | null; home: { street: string | null; number: number | null; } | null; team: string | null; posts: { author: string; at: Date; title: string | null; topic: string | null; writer: { id: string; email: string; name: string | null; home: { street: string | null; number: number | null; } | null; team: string | null; } | undefined; }[]; }[]",
      "some: { org: string; kind: string | null; }[]",
      "rows: { author: string; at: Date; title: string | null; topic: string | null; }[]",
      "many: ({ id: string; email: string; name: string | null; home: { street: string | null; number: number | null; } | null; team: string | null; } | undefined)[]",
      "Key: { readonly at: NonNullable<string | number | Date | null>; readonly author: string; }",
      "Given: { readonly at: NonNullable<string | number | Date | null>; readonly author: string; } & { readonly title?: string | null; readonly topic?: string | null; }",
    ]
  `)
}, 60_000)
