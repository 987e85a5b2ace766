// The library finds its parts by reflection, and needs this before it is loaded.
import 'reflect-metadata';

export * from '@peculiar/x509';
