export function greet(greeting: string, name: string): string {
	return name ? `${greeting}, ${name}` : greeting;
}
