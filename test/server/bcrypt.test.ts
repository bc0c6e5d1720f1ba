// Against values of the library that Cassandra uses, and of Python's.
import { describe, expect, test } from 'vitest'
import { checkPassword, hashPassword, isPasswordHash } from '../../src/server/bcrypt.js'

describe('bcrypt', () => {
  test.each([
    ['', '$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.'],
    ['a', '$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe'],
    ['grün 日本 secret', '$2a$04$abcdefghijklmnopqrstuuY5lqGfDeKvDbcJmWLok5IOpgYW5VQzm'],
  ])('%s', (password, hash) => {
    expect(checkPassword(password, hash)).toBe(true)
    expect(checkPassword(`${password}x`, hash)).toBe(false)
  })

  test('what it makes has a salt of its own', () => {
    const [one, other] = [hashPassword('secret'), hashPassword('secret')]
    expect(one).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/)
    expect(one).not.toBe(other)
    expect([checkPassword('secret', one), checkPassword('secret', other), checkPassword('Secret', one)]).toEqual([true, true, false])
  })

  test('what is no hash, or one that would hold everything up', () => {
    expect(isPasswordHash(hashPassword('x'))).toBe(true)
    expect(['abc', '', '$2a$03$abcdefghijklmnopqrstuuY5lqGfDeKvDbcJmWLok5IOpgYW5VQzm', '$2a$31$abcdefghijklmnopqrstuuY5lqGfDeKvDbcJmWLok5IOpgYW5VQzm', '$1$abc'].filter(isPasswordHash)).toEqual([])
  })
})
