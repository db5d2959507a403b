package main

import (
	"encoding/binary"
	"fmt"
	"sort"

	"golang.org/x/mod/sumdb/tlog"
)

// checkConsistency proves of every two trees, from the tiles of the larger one, that the smaller is how it begins. Trees
// of one size must have one root.
func checkConsistency(log *served, trees []tlog.Tree) ([][2]int64, error) {
	sort.SliceStable(trees, func(a, b int) bool { return trees[a].N < trees[b].N })
	var consistent [][2]int64
	for i, older := range trees {
		for _, newer := range trees[i+1:] {
			if err := checkGrowth(log, older, newer); err != nil {
				return nil, fmt.Errorf("the tree of %d does not continue the tree of %d: %w", newer.N, older.N, err)
			}
			consistent = append(consistent, [2]int64{older.N, newer.N})
		}
	}
	return consistent, nil
}

func checkGrowth(log *served, older, newer tlog.Tree) error {
	proof, err := tlog.ProveTree(newer.N, older.N, tlog.TileHashReader(newer, log))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash)
}

// checkRecords reads every entry that the log publishes, and proves the inclusion of each from the tiles. Where the
// caller named a leaf, it must be the one at that place.
func checkRecords(log *served, tree tlog.Tree, leaves map[int64]tlog.Hash) error {
	for index := range leaves {
		if index < 0 || index >= tree.N {
			return fmt.Errorf("record %d: the log has %d", index, tree.N)
		}
	}
	hashes := &remembered{tlog.TileHashReader(tree, log), make(map[int64]tlog.Hash)}
	for first := int64(0); first < tree.N; first += 1 << height {
		bundle := tlog.Tile{H: height, L: -1, N: first >> height, W: int(min(tree.N-first, 1<<height))}
		entries, err := readEntries(log, bundle)
		if err != nil {
			return err
		}
		if _, err := hashes.ReadHashes(within(first, min(first+1<<height, tree.N))); err != nil {
			return fmt.Errorf("record %d: %w", first, err)
		}
		for i, entry := range entries {
			index := first + int64(i)
			leaf := tlog.RecordHash(entry)
			if named, ok := leaves[index]; ok && named != leaf {
				return fmt.Errorf("record %d: its leaf is %v, not %v", index, leaf, named)
			}
			if err := checkRecord(tree, index, leaf, hashes); err != nil {
				return fmt.Errorf("record %d: %w", index, err)
			}
		}
	}
	return nil
}

func checkRecord(tree tlog.Tree, index int64, leaf tlog.Hash, hashes tlog.HashReader) error {
	proof, err := tlog.ProveRecord(tree.N, index, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf)
}

// remembered keeps the hashes that tlog has found right, so that it need not check the same tiles for each record.
type remembered struct {
	reader tlog.HashReader
	known  map[int64]tlog.Hash
}

func (r *remembered) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var missing []int64
	for _, index := range indexes {
		if _, ok := r.known[index]; !ok {
			missing = append(missing, index)
		}
	}
	if len(missing) > 0 {
		read, err := r.reader.ReadHashes(missing)
		if err != nil {
			return nil, err
		}
		for i, index := range missing {
			r.known[index] = read[i]
		}
	}
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = r.known[index]
	}
	return hashes, nil
}

// within gives the complete subtrees of the records from first up to end, where first begins a tile.
func within(first, end int64) []int64 {
	var indexes []int64
	for level := 0; level <= height; level++ {
		for n := first >> level; (n+1)<<level <= end; n++ {
			indexes = append(indexes, tlog.StoredHashIndex(level, n))
		}
	}
	return indexes
}

// readEntries parses an entry bundle: each entry after its length in two bytes, big-endian (tlog-tiles, Log Entries).
func readEntries(log *served, bundle tlog.Tile) ([][]byte, error) {
	path := pathOf(bundle)
	data, err := log.get(path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s: it ends within an entry", path)
		}
		length := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:length])
		data = data[length:]
	}
	if len(entries) != bundle.W {
		return nil, fmt.Errorf("%s: it has %d entries, not %d", path, len(entries), bundle.W)
	}
	return entries, nil
}
