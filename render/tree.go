package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"syscall"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

var errReadOnly = errors.New("the file system of a build is read-only")

// tree is a read-only file system in memory that takes any file name that Git does, and fails in the words of the
// operating system, as kustomize's own file system on disk does.
type tree struct {
	files       map[string][]byte
	directories map[string]map[string]bool
}

var _ filesys.FileSystem = tree{}

// newTree places files, given by path relative to root, under root, an absolute path.
func newTree(root string, files map[string][]byte) tree {
	placed := tree{files: make(map[string][]byte, len(files)), directories: map[string]map[string]bool{}}
	placed.addDirectory(path.Clean(root))
	for name, content := range files {
		full := path.Join(root, name)
		placed.files[full] = content
		placed.addDirectory(path.Dir(full))
		placed.directories[path.Dir(full)][path.Base(full)] = true
	}
	return placed
}

func (t tree) addDirectory(name string) {
	if t.directories[name] != nil {
		return
	}
	t.directories[name] = map[string]bool{}
	if name == "/" {
		return
	}
	parent := path.Dir(name)
	t.addDirectory(parent)
	t.directories[parent][path.Base(name)] = true
}

func (t tree) IsDir(name string) bool { return t.directories[path.Clean(name)] != nil }

func (t tree) Exists(name string) bool {
	_, found := t.files[path.Clean(name)]
	return found || t.IsDir(name)
}

func (t tree) ReadFile(name string) ([]byte, error) {
	cleaned := path.Clean(name)
	if content, found := t.files[cleaned]; found {
		return content, nil
	}
	if t.IsDir(cleaned) {
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: t.missing(cleaned)}
}

// missing tells a path that leads through a file from one that is simply not there.
func (t tree) missing(name string) error {
	for parent := path.Dir(name); parent != "/" && parent != "."; parent = path.Dir(parent) {
		if _, found := t.files[parent]; found {
			return syscall.ENOTDIR
		}
	}
	return syscall.ENOENT
}

func (t tree) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	cleaned := path.Clean(name)
	if t.IsDir(cleaned) {
		return filesys.ConfirmedDir(cleaned), "", nil
	}
	if _, found := t.files[cleaned]; found {
		return filesys.ConfirmedDir(path.Dir(cleaned)), path.Base(cleaned), nil
	}
	cause := &fs.PathError{Op: "lstat", Path: t.firstMissing(cleaned), Err: t.missing(cleaned)}
	return "", "", fmt.Errorf("evalsymlink failure on '%s' : %w", name, cause)
}

// firstMissing is the shortest prefix of name that does not exist, which is what following links stops at.
func (t tree) firstMissing(name string) string {
	missing := name
	for parent := path.Dir(name); parent != "/" && parent != "." && !t.Exists(parent); parent = path.Dir(parent) {
		missing = parent
	}
	return missing
}

func (t tree) ReadDir(name string) ([]string, error) {
	entries := t.directories[path.Clean(name)]
	if entries == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT}
	}
	names := make([]string, 0, len(entries))
	for entry := range entries {
		names = append(names, entry)
	}
	sort.Strings(names)
	return names, nil
}

func (t tree) Glob(pattern string) ([]string, error) {
	var found []string
	for name := range t.files {
		matched, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if matched && !strings.HasPrefix(path.Base(name), ".") {
			found = append(found, name)
		}
	}
	sort.Strings(found)
	return found, nil
}

func (t tree) Create(string) (filesys.File, error)  { return nil, errReadOnly }
func (t tree) Mkdir(string) error                   { return errReadOnly }
func (t tree) MkdirAll(string) error                { return errReadOnly }
func (t tree) RemoveAll(string) error               { return errReadOnly }
func (t tree) WriteFile(string, []byte) error       { return errReadOnly }
func (t tree) Open(string) (filesys.File, error)    { return nil, errReadOnly }
func (t tree) Walk(string, filepath.WalkFunc) error { return errReadOnly }
