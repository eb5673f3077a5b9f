// Outside verifies a running log with golang.org/x/mod alone: nothing here was written by those who keep the log.
//
//	outside URL VERIFIER_KEY [OLD_CHECKPOINT_FILE]
//
// It opens the checkpoint, reads entries out of the bundles (all of them, of a long log some of each bundle), proves each to be in the
// tree out of the tiles, proves the tree to extend the older checkpoint, and prints the size. Any doubt is an error and exit code 1.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "outside:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: outside URL VERIFIER_KEY [OLD_CHECKPOINT_FILE]")
	}
	prefix, vkey := args[0], args[1]
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	message, err := get(prefix+"/checkpoint", "text/plain; charset=utf-8")
	if err != nil {
		return err
	}
	tree, err := open(message, verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	reader := tlog.TileHashReader(tree, &tiles{prefix, map[string][]byte{}})
	if err := entries(prefix, tree, reader); err != nil {
		return err
	}
	for _, name := range args[2:] {
		if err := extends(name, verifier, tree, reader); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	fmt.Println(tree.N)
	return nil
}

func open(message []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, fmt.Errorf("malformed root %q", lines[2])
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}

// entries proves the entries that the bundles hold to be in the tree.
func entries(prefix string, tree tlog.Tree, reader tlog.HashReader) error {
	step := 1 + tree.N/1000
	for first := int64(0); first < tree.N; first += 256 {
		tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: int(min(256, tree.N-first))}
		bundle, err := get(prefix+"/tile/entries/"+suffix(tile), "application/octet-stream")
		if err != nil {
			return err
		}
		for index := first; index < first+int64(tile.W); index++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("the bundle of entry %d is cut", index)
			}
			size := 2 + int(binary.BigEndian.Uint16(bundle))
			leaf := tlog.RecordHash(bundle[2:size])
			bundle = bundle[size:]
			if index%step != 0 && index != tree.N-1 {
				continue
			}
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			if err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
		}
		if len(bundle) != 0 {
			return fmt.Errorf("the bundle of entry %d has %d bytes more", first, len(bundle))
		}
	}
	return nil
}

func extends(name string, verifier note.Verifier, tree tlog.Tree, reader tlog.HashReader) error {
	message, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	old, err := open(message, verifier)
	if err != nil {
		return err
	}
	if old.N == 0 {
		return nil // every tree extends the empty one
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

// tiles reads tiles over HTTP; their paths lack the height that x/mod's own have.
type tiles struct {
	prefix string
	held   map[string][]byte
}

func (t *tiles) Height() int                                { return 8 }
func (t *tiles) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func (t *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(wanted))
	for i, tile := range wanted {
		path := fmt.Sprintf("/tile/%d/%s", tile.L, suffix(tile))
		if t.held[path] == nil {
			data, err := get(t.prefix+path, "application/octet-stream")
			if err != nil {
				return nil, err
			}
			t.held[path] = data
		}
		read[i] = t.held[path]
	}
	return read, nil
}

func suffix(tile tlog.Tile) string {
	_, path, _ := strings.Cut(strings.TrimPrefix(tile.Path(), "tile/8/"), "/")
	return path
}

func get(url, contentType string) ([]byte, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != contentType {
		return nil, fmt.Errorf("%s: %s, %s", url, response.Status, response.Header.Get("Content-Type"))
	}
	return io.ReadAll(response.Body)
}
