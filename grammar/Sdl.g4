// The grammar of .sdl, for ANTLR 4.9 (C++ target). compiler/parse is its only user; README.md beside it explains the language.
//
// It decides four things only, and leaves the rest to the checker:
//   1. White space and line ends never matter. `;` may end a declaration or a statement, and is needed only after `let`.
//   2. Every declaration, step, clause and statement is led by its own word, so lists of them need no separator.
//   3. Those words are soft: all of rule `soft` can name columns, streams and parameters. Only `reserved` cannot
//      (it can after a dot, before a colon, or in back-ticks).
//   4. `{` opens a record value only where a value may begin; blocks stand only after `if`, `else`, `->` and in bodies.
//
// Every decision is free of ambiguity and of outer context: SLL prediction gives the LL tree (test/unit/parse holds it to that).
// Left to the checker, which explains better: clauses that must be there (a bound, an `else`), an unnamed computed column,
// `??` beside + - * / % without parentheses, a lambda outside a list function. Left to the tree builder: clauses given twice.
grammar Sdl;

// ---------------------------------------------------------------------------------------------------- entry points
program : (decl ';'?)* EOF ;                       // a file
cell    : ((decl ';'?)+ | pipeline ';'?)? EOF ;    // a REPL or notebook cell; a pipeline without steps is an expression

decl
    : useDecl | jobDecl | paramDecl | clusterDecl | schemaDecl | sourceDecl | tableDecl | streamDecl
    | sinkDecl | mirrorDecl | fnDecl | aggDecl | testDecl
    ;

// ---------------------------------------------------------------------------------------------------- declarations
useDecl     : 'use' string ;
jobDecl     : 'job' name '{' jobItem* '}' ;
jobItem
    : delivery
    | 'commit' 'every' value
    | 'key_groups' INT
    | 'home' name
    | onBad
    | setting ','?
    ;
delivery    : 'delivery' name ;
paramDecl   : 'param' name ':' type ('=' expr)? ;
clusterDecl : 'cluster' name '{' (setting ','?)* '}' ;
setting     : optionName ':' expr ;
optionName  : fieldName ('.' fieldName)* ;            // `linger.ms: 5`: options keep the names they have outside
schemaDecl  : 'schema' name recordType ;

sourceDecl  : 'source' name ':' type 'from' call sourceClause* ;
sourceClause
    : format
    | 'key' name ':' type                          // the record's key, as a column
    | 'time' value                                 // event time; `arrival` is the wall clock
    | 'watermark' 'lag' value ('ahead' value)?
    | 'idle' value
    | 'start' ('at' value | name)
    | onBad
    | 'on' 'null' action                           // a record whose value is null
    ;
format      : 'format' callOrName ;
onBad       : 'on' 'bad' action ;
action      : 'drop' | 'stop' | '->' name | call ; // call: dead_letter("topic")

tableDecl   : 'table' name ':' type 'key' name (',' name)* 'from' call tableClause* ;
tableClause : sourceClause | 'refresh' 'every' value | 'history' value ;

streamDecl  : 'stream' name '=' pipeline ;
pipeline    : ('merge' name (',' name)+ | expr) ('|>' step)* ;   // expr: a stream or table name, checked later

sinkDecl    : 'sink' name label? (':' type)? 'to' call sinkClause* ;
sinkClause
    : 'key' expr (',' expr)*
    | 'value' expr
    | 'headers' expr
    | 'partition' expr
    | 'timestamp' expr
    | format
    | 'delete' 'when' expr                         // writes a null value
    | delivery
    ;
mirrorDecl  : 'mirror' name 'from' call 'to' call ('where' expr)? ;

// ---------------------------------------------------------------------------------------------------- steps
step
    : whereStep | setStep | selectStep | dropStep | renameStep | expandStep | checkStep
    | aggregateStep | rollingStep | topStep | dedupStep | latestStep | joinStep | lookupStep
    | foldStep | patternStep | routeStep | asRowsStep | tapStep
    ;
whereStep     : 'where' expr ;
setStep       : 'set' assign (',' assign)* ;
selectStep    : 'select' item (',' item)* ;
dropStep      : 'drop' path (',' path)* ;
renameStep    : 'rename' rename (',' rename)* ;
rename        : path 'as' fieldName ;
expandStep    : 'expand' 'outer'? name 'in' value ;
checkStep     : 'check' expr 'else' string ;
aggregateStep : 'aggregate' label? was? items by? bound? ;
rollingStep   : 'rolling' label? items by? 'over' value 'rows'? keep? 'ordered'? ;
topStep       : 'top' label? was? value 'by' order (',' order)* ('per' value (',' value)*)? bound? ('with' 'ties')? ;
dedupStep     : 'dedup' label? by ('within' value | bound)? ;
latestStep    : 'latest' label? by ('order' value)? ('delete' 'when' expr)? keep? ;
joinStep      : joinKind? 'join' label? name alias? 'on' expr (between | bound)? ;
joinKind      : 'left' | 'full' | 'semi' | 'anti' ;
between       : 'between' value 'and' value onLate? ;
lookupStep    : 'lookup' name alias? 'on' value (',' value)* ('as' 'of' 'time')? lookupElse? ;
lookupElse    : 'else' ('drop' | 'null' | string) ;
foldStep      : 'fold' label? name recordType by keep? 'ordered'? '{' handler* '}' ;
patternStep   : 'pattern' label? by 'within' value '{' (stage ','?)* '}' ;
stage         : ('some' | 'maybe' | 'no')? name ':' expr ;
routeStep     : 'route' '{' routeCase+ 'else' ('drop' | '->' name) '}' ;
routeCase     : 'when' expr '->' name ;
asRowsStep    : 'as' 'rows' ;
tapStep       : 'tap' ('sample' value 'in' value)? ;

label    : '@' fieldName ;                         // the step's name in the job's state: stream/label
was      : 'was' string (',' string)* ;           // names the step had before, newest first
alias    : 'as' name ;
assign   : path '=' expr ;
item     : path '=' expr | expr ('.' '*')? ;
items    : assign (',' assign)* ;
by       : 'by' key (',' key)* ;
key      : name '=' expr | expr ;
order    : value ('asc' | 'desc')? ;

bound    : 'window' call (late | onLate | emit)* | keep emit? ;
keep     : 'keep' ('forever' | value) ;
late     : 'late' value ;
onLate   : 'on' 'late' action ;
emit     : 'emit' ('final' | 'changes' ('every' value)?) ;

// ---------------------------------------------------------------------------------------------------- functions, fold bodies
fnDecl   : 'fn' name '(' (fnParam (',' fnParam)*)? ')' '->' type fnBody ;
fnParam  : name ':' type ;
fnBody   : '=' expr | block ;
block    : '{' let* expr '}' ;
let      : 'let' name '=' expr ';' ;               // the one `;` that is needed: `let d = a  -b - c` would read two ways

aggDecl   : 'agg' name '(' fnParam (',' fnParam)* ')' '->' type
            '{' 'state' recordType 'add' body aggRemove? aggMerge 'result' fnBody '}' ;
aggRemove : 'remove' body ;
aggMerge  : 'merge' name body ;

handler  : 'on' ('row' | 'timer' name | 'expire') body ;
body     : '{' (stmt ';'?)* '}' ;
stmt     : let | emitStmt | timerStmt | cancelStmt | clearStmt | ifStmt | forStmt | assignStmt ;
emitStmt   : 'emit' item (',' item)* ;
timerStmt  : 'timer' name 'at' value ;
cancelStmt : 'cancel' name ;
clearStmt  : 'clear' ;
ifStmt     : 'if' expr body ('else' (ifStmt | body))? ;
forStmt    : 'for' name 'in' value body ;
assignStmt : path ('[' expr ']')? ('=' | '+=' | '-=') expr ;

// ---------------------------------------------------------------------------------------------------- tests
testDecl    : 'test' string '{' (testStmt ';'?)* '}' ;
testStmt    : paramStmt | startStmt | feedStmt | waitStmt | crashStmt | restartStmt | expectStmt ;
paramStmt   : 'param' name '=' expr ;
startStmt   : 'start' 'at' instant ;
feedStmt    : 'feed' name feedOpt* feedRows ;
waitStmt    : 'wait' value ;
crashStmt   : 'crash' ;
restartStmt : 'restart' ('instances' INT)? ;
expectStmt  : 'expect' name expectMode? ('none' | feedRows) ;
feedOpt     : 'partition' INT | 'at' instant | 'key' literal | 'headers' record ;
feedRows    : record | list | 'null' | 'raw' string | 'from' string ;  // raw: the record's own text; from: a file of rows
expectMode  : 'in' 'order' | 'now' | 'deleted' | 'late' | 'bad' ;      // exact order; the whole current table; keys removed; ...
instant     : DURATION | TIMESTAMP ;

// ---------------------------------------------------------------------------------------------------- types
type       : typeCore '?'? ;
typeCore   : enumType | recordType | namedType ;
enumType   : 'enum' '{' enumItem (',' enumItem)* ','? '}' ;
enumItem   : fieldName | string ;
namedType  : name ('<' type (',' type)* '>' | '(' typeArg (',' typeArg)* ')')? ;  // list<T>, map<K, V>, decimal(10, 2), timestamp(ms)
typeArg    : INT | string | name ;
recordType : '{' (field ','?)* ('...' name?)? '}' ;  // `...rest` keeps undeclared fields
field      : fieldName ':' type ('=' expr)? ('as' string)? ;

// ---------------------------------------------------------------------------------------------------- expressions
expr       : 'not' expr | expr 'and' expr | expr 'or' expr | comparison ;                // tightest first
comparison : value (compareOp value | 'not'? 'in' value | 'is' 'not'? 'null')? ;         // comparisons do not chain
compareOp  : '==' | '!=' | '<' | '<=' | '>' | '>=' ;
value                                              // tightest first
    : value ('.' | '?.') fieldName
    | value '[' expr ']'
    | '-' value
    | value ('*' | '/' | '%') value
    | value ('+' | '-') value
    | <assoc=right> value '??' value
    | primary
    ;
primary    : literal | call | name | parens | list | record | ifExpr | matchExpr ;
parens     : '(' expr ')' ;
call       : name '!'? '(' (arg (',' arg)* ','?)? ('where' expr)? ')' ;   // f!(x): null sends the record to the bad route
arg        : optionName ':' expr | lambda | expr ;
lambda     : (name | '(' name (',' name)+ ')') '->' expr ;
callOrName : call | name ;
list       : '[' (expr (',' expr)* ','?)? ']' ;
record     : '{' (entry (',' entry)* ','?)? '}' ;
entry      : (fieldName | string) ':' expr ;
ifExpr     : 'if' ('let' name '=' expr | expr) block 'else' (ifExpr | block) ;
matchExpr  : 'match' value '{' matchArm (',' matchArm)* ','? '}' ;
matchArm   : (expr (',' expr)* | 'else') '->' (expr | block) ;
path       : name ('.' fieldName)* ;
literal    : INT | FLOAT | DURATION | SIZE | TIMESTAMP | string | 'true' | 'false' | 'null' ;
string     : STRING | RAW_STRING ;

// ---------------------------------------------------------------------------------------------------- names
name       : ID | QUOTED_ID | soft ;
fieldName  : name | reserved ;
reserved   : 'and' | 'or' | 'not' | 'in' | 'is' | 'if' | 'else' | 'match' | 'let' | 'true' | 'false' | 'null' | 'forever' ;
soft
    : 'use' | 'job' | 'param' | 'cluster' | 'schema' | 'source' | 'table' | 'stream' | 'sink' | 'mirror' | 'fn' | 'agg' | 'test'
    | 'delivery' | 'commit' | 'every' | 'home' | 'from' | 'to' | 'format' | 'key' | 'time' | 'watermark' | 'lag' | 'ahead'
    | 'idle' | 'start' | 'at' | 'on' | 'bad' | 'drop' | 'stop' | 'refresh' | 'history' | 'merge' | 'value' | 'headers'
    | 'partition' | 'timestamp' | 'delete' | 'when' | 'where' | 'set' | 'select' | 'rename' | 'as' | 'expand' | 'outer'
    | 'check' | 'aggregate' | 'rolling' | 'over' | 'rows' | 'ordered' | 'top' | 'by' | 'per' | 'with' | 'ties' | 'dedup'
    | 'within' | 'latest' | 'order' | 'join' | 'between' | 'lookup' | 'of' | 'fold' | 'pattern' | 'route' | 'tap' | 'sample'
    | 'asc' | 'desc' | 'left' | 'full' | 'semi' | 'anti' | 'some' | 'maybe' | 'no' | 'window' | 'keep' | 'late'
    | 'emit' | 'final' | 'changes' | 'state' | 'add' | 'remove' | 'result' | 'row' | 'timer' | 'expire' | 'cancel' | 'clear'
    | 'for' | 'feed' | 'raw' | 'wait' | 'crash' | 'restart' | 'instances' | 'expect' | 'none' | 'now' | 'deleted' | 'enum'
    | 'key_groups' | 'was'
    ;

// ---------------------------------------------------------------------------------------------------- tokens
DURATION   : (DIGIT+ ('us' | 'ms' | 's' | 'm' | 'h' | 'd'))+ ;
SIZE       : DIGIT+ ('KB' | 'MB' | 'GB') ;
FLOAT      : DIGIT (DIGIT | '_')* '.' DIGIT+ ([eE] [+-]? DIGIT+)? ;
INT        : DIGIT (DIGIT | '_')* ;
// A date alone means its first instant; the tree builder checks the fields and asks for the zone.
TIMESTAMP  : '@' DIGIT+ '-' DIGIT+ '-' DIGIT+ ('T' DIGIT+ (':' DIGIT+)* ('.' DIGIT+)? ('Z' | [+-] DIGIT DIGIT ':' DIGIT DIGIT)?)? ;
ID         : [A-Za-z_] [A-Za-z0-9_]* ;
QUOTED_ID  : '`' ~[`\r\n]+ '`' ;
STRING     : '"' ('\\' ~[\r\n] | ~["\\\r\n])* '"' ;      // `{a.b}` inside is a column, parameter or meta path; the tree builder splits it
RAW_STRING : 'r"' ~["\r\n]* '"' | 'r#"' .*? '"#' ;
DOC        : '///' ~[\r\n]* -> channel(2) ;        // kept on the declaration or field that follows
COMMENT    : ('//' ~[\r\n]* | '/*' .*? '*/') -> channel(HIDDEN) ;
SPACE      : [ \t\r\n]+ -> skip ;
UNKNOWN    : . ;                                   // so that the parser, not the lexer, reports a stray character
fragment DIGIT : [0-9] ;
