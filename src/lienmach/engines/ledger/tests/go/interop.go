// Interop judges a log of ours with the Go team's note and tlog packages and Go's own cryptography, none of our
// code, and writes a checkpoint and a proof for our engine to judge. The folder given holds checkpoint, keys,
// tile/8/…, entries (hex, a line each) and go-key; it gains go-checkpoint and go-proof.
package main

import (
	"crypto/ed25519"
	"crypto/mldsa"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T { check(err); return value }
func parse(body string) tlog.Tree { // x/mod knows one origin only
	return must(tlog.ParseTree([]byte("go.sum database tree\n" + strings.SplitN(body, "\n", 2)[1])))
}
func check(err error) {
	if err != nil {
		fmt.Println("REFUSED:", err)
		os.Exit(1)
	}
}

// cosigner verifies types 0x04 and 0x06, which x/mod does not know.
type cosigner struct {
	name string
	hash uint32
	kind byte
	key  []byte
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	time := binary.BigEndian.Uint64(sig)
	if c.kind == 4 {
		return ed25519.Verify(c.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", time, msg), sig[8:])
	}
	tree, origin := parse(string(msg)), strings.SplitN(string(msg), "\n", 2)[0]
	m := append([]byte("subtree/v1\n\x00"), byte(len(c.name)))
	m = binary.BigEndian.AppendUint64(append(m, c.name...), time)
	m = append(append(m, byte(len(origin))), origin...)
	m = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(m, 0), uint64(tree.N))
	public := must(mldsa.NewPublicKey(mldsa.MLDSA44(), c.key))
	return mldsa.Verify(public, append(m, tree.Hash[:]...), sig[8:], nil) == nil
}

type tiles struct{ dir string }

func (t tiles) Height() int                     { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range wanted {
		data = append(data, must(os.ReadFile(filepath.Join(t.dir, tile.Path()))))
	}
	return data, nil
}

func main() {
	dir := os.Args[1]
	read := func(name string) []byte { return must(os.ReadFile(filepath.Join(dir, name))) }
	var known []note.Verifier
	for _, line := range strings.Fields(string(read("keys"))) {
		part := strings.SplitN(line, "+", 3)
		raw, hash := must(base64.StdEncoding.DecodeString(part[2])), must(strconv.ParseUint(part[1], 16, 32))
		if raw[0] == 1 {
			known = append(known, must(note.NewVerifier(line)))
		} else {
			known = append(known, cosigner{part[0], uint32(hash), raw[0], raw[1:]})
		}
	}
	opened := must(note.Open(read("checkpoint"), note.VerifierList(known...)))
	tree := parse(opened.Text)
	reader := tlog.TileHashReader(tree, tiles{dir})
	var stored []tlog.Hash
	own := tlog.HashReaderFunc(func(at []int64) (found []tlog.Hash, err error) {
		for _, index := range at {
			found = append(found, stored[index])
		}
		return found, nil
	})
	out := ""
	for at, line := range strings.Split(strings.TrimSuffix(string(read("entries")), "\n"), "\n") {
		entry, n := must(hex.DecodeString(line)), int64(at)
		stored = append(stored, must(tlog.StoredHashes(n, entry, own))...)
		proof := must(tlog.ProveRecord(tree.N, n, reader))
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(entry)))
		growth := must(tlog.ProveTree(tree.N, n+1, reader))
		check(tlog.CheckTree(growth, tree.N, tree.Hash, n+1, must(tlog.TreeHash(n+1, own))))
		if n == tree.N/2 {
			out = fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", n)
			for _, hash := range proof {
				out += hash.String() + "\n"
			}
		}
	}
	root := must(tlog.TreeHash(tree.N, own))
	signer := must(note.NewSigner(strings.TrimSpace(string(read("go-key")))))
	signed := must(note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%v\n", signer.Name(), tree.N, root)}, signer))
	check(os.WriteFile(filepath.Join(dir, "go-checkpoint"), signed, 0o600))
	check(os.WriteFile(filepath.Join(dir, "go-proof"), append([]byte(out+"\n"), signed...), 0o600))
	fmt.Println("ACCEPTED", tree.N, len(opened.Sigs), len(opened.UnverifiedSigs))
}
