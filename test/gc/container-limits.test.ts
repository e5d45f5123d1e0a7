import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { containerMemory } from '../../dist/gc/container-limits.js'

const roots: string[] = []

/** A file system with these files in it. */
function fileSystem(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'heapscope-cgroup-'))
  roots.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `${content}\n`)
  }
  return root
}

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

const unlimitedV1 = '9223372036854771712'

describe('the memory limit of a container, cgroup v2', () => {
  it('is that of its own group', () => {
    const root = fileSystem({
      'proc/self/cgroup': '0::/service',
      'sys/fs/cgroup/service/memory.max': '536870912',
      'sys/fs/cgroup/service/memory.current': '104857600',
    })
    expect(containerMemory(root)).toEqual({
      cgroup: 2,
      limitBytes: 536_870_912,
      usageBytes: 104_857_600,
    })
  })

  it('is at the mount point inside a namespace of its own', () => {
    const root = fileSystem({
      'proc/self/cgroup': '0::/',
      'sys/fs/cgroup/memory.max': '1000000',
      'sys/fs/cgroup/memory.current': '500000',
    })
    expect(containerMemory(root)).toEqual({ cgroup: 2, limitBytes: 1e6, usageBytes: 5e5 })
  })

  it('is the tightest on the way up, with the use of the group that sets it', () => {
    const root = fileSystem({
      'proc/self/cgroup': '0::/pods/pod1/app',
      'sys/fs/cgroup/pods/pod1/app/memory.max': '3000',
      'sys/fs/cgroup/pods/pod1/app/memory.current': '30',
      'sys/fs/cgroup/pods/pod1/memory.max': '2000',
      'sys/fs/cgroup/pods/pod1/memory.current': '20',
      'sys/fs/cgroup/pods/memory.max': 'max',
      'sys/fs/cgroup/pods/memory.current': '10',
    })
    expect(containerMemory(root)).toEqual({ cgroup: 2, limitBytes: 2000, usageBytes: 20 })
  })

  it('is null where every group says "max"', () => {
    const root = fileSystem({
      'proc/self/cgroup': '0::/a/b',
      'sys/fs/cgroup/a/b/memory.max': 'max',
      'sys/fs/cgroup/a/memory.max': 'max',
    })
    expect(containerMemory(root)).toBeNull()
  })

  it('is found for a group whose name holds colons', () => {
    const root = fileSystem({
      'proc/self/cgroup': '0::/system.slice/docker:abc:1.scope',
      'sys/fs/cgroup/system.slice/docker:abc:1.scope/memory.max': '4096',
    })
    expect(containerMemory(root)).toEqual({ cgroup: 2, limitBytes: 4096, usageBytes: 0 })
  })
})

describe('the memory limit of a container, cgroup v1', () => {
  const groups = ['12:cpu,cpuacct:/docker/abc', '5:memory:/docker/abc', '1:name=systemd:/x'].join(
    '\n',
  )

  it('is that of its own group', () => {
    const root = fileSystem({
      'proc/self/cgroup': groups,
      'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '268435456',
      'sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes': '1048576',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': unlimitedV1,
    })
    expect(containerMemory(root)).toEqual({
      cgroup: 1,
      limitBytes: 268_435_456,
      usageBytes: 1_048_576,
    })
  })

  it('is at the mount point where the container does not see the path of its group', () => {
    const root = fileSystem({
      'proc/self/cgroup': groups,
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1000',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '10',
    })
    expect(containerMemory(root)).toEqual({ cgroup: 1, limitBytes: 1000, usageBytes: 10 })
  })

  it('is the tightest on the way up', () => {
    const root = fileSystem({
      'proc/self/cgroup': '5:cpu,memory:/docker/abc',
      'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '2000',
      'sys/fs/cgroup/memory/docker/memory.limit_in_bytes': '1000',
      'sys/fs/cgroup/memory/docker/memory.usage_in_bytes': '7',
    })
    expect(containerMemory(root)).toEqual({ cgroup: 1, limitBytes: 1000, usageBytes: 7 })
  })

  it('is null where the kernel writes its largest number', () => {
    const root = fileSystem({
      'proc/self/cgroup': groups,
      'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': unlimitedV1,
      'sys/fs/cgroup/memory/memory.limit_in_bytes': unlimitedV1,
    })
    expect(containerMemory(root)).toBeNull()
  })

  it('counts where both versions are mounted and memory is under v1', () => {
    const root = fileSystem({
      'proc/self/cgroup': '3:memory:/old\n0::/new',
      'sys/fs/cgroup/memory/old/memory.limit_in_bytes': '1000',
      'sys/fs/cgroup/new/memory.max': '500',
    })
    expect(containerMemory(root)).toMatchObject({ cgroup: 1, limitBytes: 1000 })
  })
})

describe('the memory limit where there is no container', () => {
  it('is null without control groups', () => {
    expect(containerMemory(fileSystem({}))).toBeNull()
    expect(containerMemory(fileSystem({ 'proc/self/cgroup': '' }))).toBeNull()
    expect(containerMemory(fileSystem({ 'proc/self/cgroup': '0::/a' }))).toBeNull()
    expect(containerMemory(fileSystem({ 'proc/self/cgroup': '7:cpu:/a' }))).toBeNull()
  })

  it('is null or a positive number on the machine that runs this', () => {
    const memory = containerMemory()
    if (memory !== null) {
      expect(memory.limitBytes).toBeGreaterThan(0)
      expect(memory.usageBytes).toBeGreaterThan(0)
    }
  })
})
